"""Which records are one customer, given pairs that say so."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components as _components

CLUSTERS = pa.schema([("record_key", pa.string()), ("cluster_key", pa.string())])


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
    keys = pc.sort_indices(records["record_key"].combine_chunks().cast(pa.string()))
    sorted_keys = records["record_key"].combine_chunks().cast(pa.string()).take(keys)
    count = len(sorted_keys)
    if count == 0:
        return CLUSTERS.empty_table()
    left = _positions(edges["left_record_key"], sorted_keys)
    right = _positions(edges["right_record_key"], sorted_keys)
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    _, labels = _components(graph, directed=False)
    # Keys are sorted, so a component's first position holds its smallest key.
    _, first = np.unique(labels, return_index=True)
    return pa.table([sorted_keys, sorted_keys.take(pa.array(first[labels]))], schema=CLUSTERS)


def _positions(column: pa.ChunkedArray, sorted_keys: pa.Array) -> npt.NDArray[np.int64]:
    positions = pc.index_in(column.cast(pa.string()), value_set=sorted_keys)
    if positions.null_count:
        raise ValueError(f"{positions.null_count} ends of edges name a record that does not exist")
    return np.asarray(positions.to_numpy(zero_copy_only=False), dtype=np.int64)
