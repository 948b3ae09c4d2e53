"""Customer ids that stay the same from run to run while clusters grow, merge, split and are taken apart again."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

ASSIGNMENTS = pa.schema(
    [("record_key", pa.string()), ("customer_id", pa.string()), ("previous_customer_id", pa.string())]
)
SUCCESSORS = pa.schema([("customer_id", pa.string()), ("successor_id", pa.string())])

Numbers = npt.NDArray[np.int64]
"""Customer ids without their ``C``, clusters by their place; -1 for none."""


def assign_ids(
    clusters: pa.Table, registry: pa.Table, highest_number: int = 0, history: pa.Table | None = None
) -> pa.Table:
    """Give each cluster one id: the one that most of its records have, else one they had, else the next number.

    1. Clusters claim the ids in force, one to one: the largest overlap first, then the oldest id (the lowest number),
       then the cluster whose records held it first, then the one with the smallest record key. When a merge is undone,
       who came to an id by that merge and has an older one to go back to gives way to those who held it first, even if
       it grew larger since.
    2. What stays without an id claims ids that its records held before and that nobody holds now: those held last
       first, then as above. So a merge that is undone gives both sides their ids back.
    3. The rest is minted as ``C`` + the next number, in the order of the clusters' smallest record keys.

    An id is claimed only by a cluster with a record that held it. Ids never contain anything of the person.

    Args:
        clusters: columns ``record_key`` (unique), ``cluster_key`` (the smallest record key of the cluster).
        registry: columns ``record_key`` (unique), ``customer_id``: the ids in force before this run, also of records
            that no longer exist.
        highest_number: the highest number ever given, also to ids that were merged away; never given again.
        history: columns ``record_key, customer_id, run_number``: every id that a record was ever given, with the run
            that gave it (later runs have higher numbers); None knows of nothing but ``registry``.

    Returns:
        Schema ``ASSIGNMENTS``, one row per record of ``clusters``, in their order; ``previous_customer_id`` is NULL
        for new records.
    """
    if clusters.num_rows == 0:
        return ASSIGNMENTS.empty_table()
    records = _text(clusters, "record_key")
    encoded = _text(clusters, "cluster_key").dictionary_encode()
    # From here on a cluster is a number.
    cluster_of = np.asarray(encoded.indices).astype(np.int64)
    count = len(encoded.dictionary)

    places = pc.index_in(records, value_set=_text(registry, "record_key"))
    held = _text(registry, "customer_id")
    previous = held.take(places)
    before = _numbers(previous)
    overlaps = _count(cluster_of[before >= 0], before[before >= 0])

    ids = np.full(count, -1, dtype=np.int64)
    contested = _contested(overlaps)
    ids[overlaps[0][~contested]] = overlaps[1][~contested]
    # Clusters that are still open, in the order of their smallest record keys.
    open_ = np.flatnonzero(ids < 0)
    open_ = open_[np.asarray(pc.sort_indices(encoded.dictionary.take(pa.array(open_))))]
    place = np.full(count, -1, dtype=np.int64)
    place[open_] = np.arange(len(open_))
    past = _past(history, records, cluster_of, np.isin(cluster_of, overlaps[0][contested]))
    _claim(ids, _by_overlap(overlaps, contested, past, place))
    _claim(ids, _by_last_held(past, place))

    known = [highest_number, *(_highest(_numbers(column)) for column in (held, *_ids_of(history)))]
    new = open_[ids[open_] < 0]
    ids[new] = max(known) + 1 + np.arange(len(new))
    return pa.table([records, _names(ids[cluster_of]), previous], schema=ASSIGNMENTS)


def successors(assignments: pa.Table) -> pa.Table:
    """Where the customers went whose ids were in force before this run and are no customer's now.

    Args:
        assignments: schema ``ASSIGNMENTS``, as ``assign_ids`` returns it.

    Returns:
        Schema ``SUCCESSORS``, in the order of ids: the id that no cluster claimed, and the customer that took most of
        its records (of equals the oldest). An id whose records are all gone has no successor and no row.
    """
    before = _numbers(_text(assignments, "previous_customer_id"))
    now = _numbers(_text(assignments, "customer_id"))
    gone = (before >= 0) & ~np.isin(before, now)
    old, new, moved = _count(before[gone], now[gone])
    order = np.lexsort((new, -moved, old))
    _, first = np.unique(old[order], return_index=True)
    taken = order[first]
    return pa.table([_names(old[taken]), _names(new[taken])], schema=SUCCESSORS)


def _contested(overlaps: Numbers) -> npt.NDArray[np.bool_]:
    """Which overlaps are not the only one of their cluster and of their id."""
    several = np.zeros(overlaps.shape[1], dtype=bool)
    for side in overlaps[:2]:
        several |= np.bincount(side)[side] > 1
    return several


def _past(history: pa.Table | None, records: pa.Array, cluster_of: Numbers, wanted: npt.NDArray[np.bool_]) -> Numbers:
    """What the records of the wanted clusters ever held: cluster, id, records, first run, last run (5 × pairs)."""
    if history is None or not wanted.any():
        return np.empty((5, 0), dtype=np.int64)
    owners = np.flatnonzero(wanted)
    places = pc.index_in(_text(history, "record_key"), value_set=records.take(pa.array(owners)))
    told = history.filter(pc.is_valid(places))
    record = np.asarray(pc.drop_null(places))
    held = pa.table(
        {
            "cluster": cluster_of[owners[record]],
            "number": _numbers(_text(told, "customer_id")),
            "record": record,
            "run": told["run_number"].cast(pa.int64()),
        }
    )
    each = [("record", "count_distinct"), ("run", "min"), ("run", "max")]
    return _rows(held.group_by(["cluster", "number"]).aggregate(each))


def _by_overlap(
    overlaps: Numbers, contested: npt.NDArray[np.bool_], past: Numbers, place: Numbers
) -> list[tuple[int, int]]:
    """Contested claims (cluster, id) on ids in force, the strongest first."""
    in_force = set(past[1, np.isin(past[1], overlaps[1])].tolist())
    rows = overlaps[:, contested].T.tolist()
    since: dict[tuple[int, int], int] = {}
    first_since: dict[int, int] = {}
    home_since: dict[int, int] = {}
    for cluster, number, _, first, _ in past.T.tolist():
        since[cluster, number] = first
        first_since[number] = min(first, first_since.get(number, first))
        if number not in in_force:
            home_since[cluster] = min(first, home_since.get(cluster, first))

    def order(row: list[int]) -> tuple[bool, int, int, int, int]:
        cluster, number, overlap = row
        came = since.get((cluster, number), 0)
        came_by_merge = first_since.get(number, 0) < came and home_since.get(cluster, came) < came
        return came_by_merge, -overlap, number, came, place[cluster]

    return [(cluster, number) for cluster, number, _ in sorted(rows, key=order)]


def _by_last_held(past: Numbers, place: Numbers) -> list[tuple[int, int]]:
    """Claims (cluster, id) on ids held before, the strongest first."""
    rows = past.T.tolist()
    rows.sort(key=lambda row: (-row[4], -row[2], row[1], row[3], place[row[0]]))
    return [(cluster, number) for cluster, number, *_ in rows]


def _claim(ids: Numbers, claims: Sequence[tuple[int, int]]) -> None:
    """Fill ``ids`` (per cluster) one to one, in the order of the claims."""
    taken = set(ids[np.isin(ids, [number for _, number in claims])].tolist())
    for cluster, number in claims:
        if ids[cluster] < 0 and number not in taken:
            ids[cluster] = number
            taken.add(number)


def _count(left: Numbers, right: Numbers) -> Numbers:
    """Distinct pairs and how often each occurs (3 × pairs)."""
    return _rows(pa.table({"left": left, "right": right}).group_by(["left", "right"]).aggregate([([], "count_all")]))


def _rows(table: pa.Table) -> Numbers:
    """Columns of whole numbers as the rows of one array."""
    return np.stack([np.asarray(column, dtype=np.int64) for column in table.columns])


def _ids_of(history: pa.Table | None) -> list[pa.Array]:
    return [] if history is None else [_text(history, "customer_id")]


def _text(table: pa.Table, column: str) -> pa.Array:
    return pc.cast(table[column], pa.string()).combine_chunks()


def _numbers(ids: pa.Array) -> Numbers:
    numbers = pc.cast(pc.utf8_slice_codeunits(ids, 1), pa.int64())
    return np.asarray(pc.fill_null(numbers, -1), dtype=np.int64)


def _highest(numbers: Numbers) -> int:
    return int(numbers.max(initial=0))


def _names(numbers: Numbers) -> pa.Array:
    return pc.binary_join_element_wise("C", pc.cast(pa.array(numbers), pa.string()), "")
