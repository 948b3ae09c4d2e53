"""Which records are one customer, given pairs that say so, pairs that must not be, and what speaks against."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from customer_models.identity.conflicts import Columns
from customer_models.identity.graph import Keys, Positions, components
from customer_models.identity.unions import Unions
from customer_models.identity.vetoes import FACTS, facts_of

REFUSED = pa.schema(
    [
        ("left_record_key", pa.string()),
        ("right_record_key", pa.string()),
        ("rule", pa.string()),
        ("weight", pa.float64()),
        ("reason", pa.string()),
    ]
)
RECORD_COLUMNS = ("record_key", *FACTS.names)
"""What ``resolve`` reads of ``id_record``."""


@dataclass(frozen=True)
class Resolution:
    """``clusters``: schema ``CLUSTERS``, every record once. ``refused``: schema ``REFUSED``, edges that do not hold."""

    clusters: pa.Table
    refused: pa.Table


def resolve(
    records: pa.Table, edges: pa.Table, never: pa.Table, force: pa.Table, *, largest_cluster: int
) -> Resolution:
    """Clusters of records that hold no two records between which there is a veto.

    Components without any possible conflict are taken whole. Inside the others:

    1. What stewards force together is one, against every veto but a steward's never and against the size. Between the
       records of such a cluster a veto counts no more if it lies between the forced records themselves.
    2. Records with a full name: edges by weight, the strongest first, then by keys. An edge unites the clusters of its
       ends unless there is a veto between any two of their records, or together they hold more than
       ``largest_cluster`` records.
    3. Records with a surname only, then records without a name: they are grouped among themselves in the same way,
       and a group joins the cluster of better named records it has edges to, if exactly one of those clusters is
       possible. Between two it stays apart, so it never bridges.

    Args:
        records: columns ``RECORD_COLUMNS``, others are ignored; ``record_key`` unique.
        edges: columns ``left_record_key, right_record_key, rule, weight``: pairs that say "the same".
        never: columns ``left_record_key, right_record_key``: pairs that stewards keep apart.
        force: the same columns: pairs that stewards put together. Of both, pairs with a record that does not exist
            are ignored: a decision outlives its records.
        largest_cluster: most records of a cluster, unless stewards force more.

    Returns:
        Clusters in the order of record keys. Refused: the edges whose records are in two clusters, with the reason,
        in the order of keys and rules. Neither depends on the order of rows.

    Raises:
        ValueError: an edge names a record that does not exist, or has no weight.
    """
    keys = Keys(records)
    records = records.select(RECORD_COLUMNS)
    left, right = keys.pairs(edges)
    weight = _weights(edges)
    forced, barred = keys.known_pairs(force), keys.known_pairs(never)
    labels = components(len(keys.sorted), np.concatenate([left, forced[0]]), np.concatenate([right, forced[1]]))
    # A barred pair matters within a component only.
    barred = barred[:, labels[barred[0]] == labels[barred[1]]]

    tied = np.flatnonzero(np.bincount(labels)[labels] > 1)
    columns = Columns(keys.take(records, tied), labels[tied])
    doubtful = np.zeros(len(labels), dtype=bool)
    doubtful[labels[np.concatenate([forced[0], barred[0]])]] = True
    doubtful[columns.conflicted(_within(tied, len(labels), left, right), largest_cluster)] = True

    nodes = np.flatnonzero(doubtful[labels])
    rows = np.flatnonzero(doubtful[labels[left]])
    rows = rows[np.lexsort((right[rows], left[rows], -weight[rows]))]
    unions = Unions(facts_of(keys.take(records, nodes)), columns.tiers[np.searchsorted(tied, nodes)], largest_cluster)
    unions.bar(_pairs(_within(nodes, len(labels), *barred)))
    unions.force(_pairs(_within(nodes, len(labels), *forced)))
    unions.unite(_pairs(_within(nodes, len(labels), left[rows], right[rows])))

    labels[nodes] = len(labels) + unions.roots()
    apart = labels[left[rows]] != labels[right[rows]]
    reasons = pa.array(unions.reasons, pa.string()).filter(pa.array(apart))
    rows = rows[apart]
    refused = _refused(keys, edges.take(pa.array(rows)), left[rows], right[rows], reasons)
    return Resolution(keys.clusters(labels), refused)


def _refused(keys: Keys, edges: pa.Table, left: Positions, right: Positions, reasons: pa.Array) -> pa.Table:
    """Schema ``REFUSED`` for edges, their ends and their reasons, in the order of keys and rules."""
    ends = [keys.sorted.take(pa.array(side)) for side in (left, right)]
    refused = pa.table([*ends, edges["rule"], edges["weight"], reasons], names=REFUSED.names).cast(REFUSED)
    return refused.sort_by([(name, "ascending") for name in REFUSED.names])


def _weights(edges: pa.Table) -> npt.NDArray[np.float64]:
    weights = np.asarray(pc.fill_null(edges["weight"].cast(pa.float64()), np.nan).to_numpy(), dtype=np.float64)
    if missing := int(np.isnan(weights).sum()):
        raise ValueError(f"{missing} edges have no weight")
    return weights


def _within(nodes: Positions, count: int, *positions: Positions) -> list[Positions]:
    """Positions (of ``count``) as places within ``nodes``; the first place where they are not among them."""
    # An edge from a lone record to itself is the only one whose ends may be missing: harmless at any place.
    places = np.zeros(count, dtype=np.int64)
    places[nodes] = np.arange(len(nodes))
    return [places[each] for each in positions]


def _pairs(sides: Sequence[Positions]) -> list[tuple[int, int]]:
    left, right = (side.tolist() for side in sides)
    return list(zip(left, right, strict=True))
