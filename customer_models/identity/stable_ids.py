"""Customer ids that stay the same from run to run while clusters grow, merge and split."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

ASSIGNMENTS = pa.schema(
    [("record_key", pa.string()), ("customer_id", pa.string()), ("previous_customer_id", pa.string())]
)


def assign_ids(clusters: pa.Table, registry: pa.Table, highest_number: int = 0) -> pa.Table:
    """Give each cluster one id: the old id most of its records had, else the next number.

    Clusters claim old ids one to one: the largest overlap first, then the oldest id, then the cluster with the
    smallest record key. What stays without an id is minted as ``C`` + the next number, in the order of the clusters'
    smallest record keys. Ids never contain anything of the person.

    Args:
        clusters: columns ``record_key`` (unique), ``cluster_key`` (the smallest record key of the cluster).
        registry: columns ``record_key`` (unique), ``customer_id``: the ids in force before this run, also of records
            that no longer exist.
        highest_number: the highest number ever given, also to ids that were merged away; never given again.

    Returns:
        Schema ``ASSIGNMENTS``, one row per record of ``clusters``; ``previous_customer_id`` is NULL for new records.
    """
    if clusters.num_rows == 0:
        return ASSIGNMENTS.empty_table()
    registry = registry.select(["record_key", "customer_id"]).cast(
        pa.schema([("record_key", pa.string()), ("customer_id", pa.string())])
    )
    at = pc.index_in(clusters["record_key"], value_set=registry["record_key"].combine_chunks())
    previous = registry["customer_id"].take(at)
    held = pa.table({"cluster_key": clusters["cluster_key"], "customer_id": previous})
    overlaps = (
        held.filter(pc.is_valid(held["customer_id"]))
        .group_by(["cluster_key", "customer_id"])
        .aggregate([([], "count_all")])
    )
    claimed = _claim(
        zip(
            overlaps["cluster_key"].to_pylist(),
            overlaps["customer_id"].to_pylist(),
            overlaps["count_all"].to_pylist(),
            strict=True,
        )
    )
    in_force = max((_number(i) for i in pc.unique(registry["customer_id"]).to_pylist()), default=0)
    next_number = 1 + max(highest_number, in_force)
    cluster_keys = pc.unique(clusters["cluster_key"]).cast(pa.string())
    cluster_keys = cluster_keys.take(pc.sort_indices(cluster_keys))
    ids: list[str] = []
    for key in cluster_keys.to_pylist():
        kept = claimed.get(key)
        if kept is None:
            kept = f"C{next_number}"
            next_number += 1
        ids.append(kept)
    position = pc.index_in(clusters["cluster_key"], value_set=cluster_keys)
    return pa.table(
        [clusters["record_key"], pa.array(ids, pa.string()).take(position.combine_chunks()), previous],
        schema=ASSIGNMENTS,
    )


def _claim(overlaps: Iterable[tuple[str, str, int]]) -> dict[str, str]:
    """One-to-one claims of clusters on old ids, the strongest first."""
    ordered = sorted(overlaps, key=lambda o: (-o[2], _number(o[1]), o[0]))
    claimed: dict[str, str] = {}
    taken: set[str] = set()
    for cluster, customer_id, _ in ordered:
        if cluster not in claimed and customer_id not in taken:
            claimed[cluster] = customer_id
            taken.add(customer_id)
    return claimed


def _number(customer_id: str) -> int:
    return int(customer_id[1:])
