"""Records as the nodes of a graph, by position instead of by key, and its connected components."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components as _components

CLUSTERS = pa.schema([("record_key", pa.string()), ("cluster_key", pa.string())])

Positions = npt.NDArray[np.int64]
"""Records as positions in the order of their keys, so that the smaller position is the smaller key."""


def connected_components(records: pa.Table, edges: pa.Table) -> pa.Table:
    """The connected components of an undirected graph of records.

    Args:
        records: column ``record_key`` (text, unique), one row per record.
        edges: columns ``left_record_key, right_record_key``, any number of rows, each key a record.

    Returns:
        Schema ``CLUSTERS``, one row per record in the order of record keys; ``cluster_key`` is the component's
        smallest record key (by code point), so the result does not depend on the order of rows or edges.

    Raises:
        ValueError: an edge names a record that does not exist.
    """
    keys = Keys(records)
    left, right = keys.pairs(edges)
    return keys.clusters(components(len(keys.sorted), left, right))


def components(count: int, left: Positions, right: Positions) -> Positions:
    """The number of its component for each of ``count`` nodes of an undirected graph, by the ends of its edges."""
    if count == 0:
        return np.empty(0, dtype=np.int64)
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    return np.asarray(_components(graph, directed=False)[1], dtype=np.int64)


class Keys:
    """Record keys in their order, by code point, and tables of pairs as positions in it."""

    def __init__(self, records: pa.Table) -> None:
        self._keys = pc.cast(records["record_key"], pa.string()).combine_chunks()
        self._order = np.asarray(pc.sort_indices(self._keys).to_numpy(), dtype=np.int64)
        self._rank = np.empty_like(self._order)
        self._rank[self._order] = np.arange(len(self._order))
        self.sorted = self._keys.take(pa.array(self._order))

    def take(self, records: pa.Table, positions: Positions) -> pa.Table:
        """The rows of ``records`` at these positions."""
        return records.take(pa.array(self._order[positions]))

    def pairs(self, table: pa.Table) -> tuple[Positions, Positions]:
        """Both ends of each pair, the smaller first. Raises ValueError where a record does not exist."""
        ends = self._ends(table)
        if missing := int((ends < 0).sum()):
            raise ValueError(f"{missing} ends of edges name a record that does not exist")
        return ends.min(axis=0), ends.max(axis=0)

    def known_pairs(self, table: pa.Table) -> Positions:
        """Both ends (2 × pairs) of each pair of two different records that exist, once, in their order."""
        ends = np.sort(self._ends(table), axis=0)
        ends = ends[:, (ends[0] >= 0) & (ends[0] != ends[1])]
        return np.unique(ends, axis=1) if ends.size else ends

    def clusters(self, labels: Positions) -> pa.Table:
        """Schema ``CLUSTERS`` for a cluster's number per position, named after its first record."""
        _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
        return pa.table([self.sorted, self.sorted.take(pa.array(first[inverse], pa.int64()))], schema=CLUSTERS)

    def _ends(self, table: pa.Table) -> Positions:
        """2 × pairs, -1 where a record does not exist."""
        if table.num_rows == 0 or len(self._rank) == 0:
            return np.full((2, table.num_rows), -1, dtype=np.int64)
        columns = [table[f"{side}_record_key"].cast(pa.string()) for side in ("left", "right")]
        both = pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string())
        found = pc.fill_null(pc.index_in(both, value_set=self._keys), -1).to_numpy().astype(np.int64)
        ends: Positions = np.where(found < 0, -1, self._rank[found]).reshape(2, table.num_rows)
        return ends
