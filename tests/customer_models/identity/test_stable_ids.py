"""A customer keeps its id while its records come, go, merge, split and are taken apart again."""

import random
from collections.abc import Iterable, Mapping

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from customer_models.identity.stable_ids import ASSIGNMENTS, SUCCESSORS, assign_ids, successors

Groups = list[list[str]]


def clusters_of(groups: Iterable[Iterable[str]]) -> pa.Table:
    rows = sorted((record, min(group)) for group in map(list, groups) for record in group)
    return pa.table(
        {
            "record_key": pa.array([record for record, _ in rows], pa.string()),
            "cluster_key": pa.array([cluster for _, cluster in rows], pa.string()),
        }
    )


def registry_of(ids: Mapping[str, str]) -> pa.Table:
    return pa.table(
        {
            "record_key": pa.array(list(ids), pa.string()),
            "customer_id": pa.array(list(ids.values()), pa.string()),
        }
    )


def assign(groups: Groups, before: Mapping[str, str] | None = None, highest_number: int = 0) -> dict[str, str]:
    """Record → id, for clusters given as lists of records."""
    found = assign_ids(clusters_of(groups), registry_of(before or {}), highest_number)
    return dict(zip(found["record_key"].to_pylist(), found["customer_id"].to_pylist(), strict=True))


def test_new_customers_are_numbered_in_the_order_of_their_smallest_record() -> None:
    assert assign([["c", "d"], ["b"], ["a", "e"]]) == {"a": "C1", "e": "C1", "b": "C2", "c": "C3", "d": "C3"}


def test_the_same_clusters_keep_their_ids() -> None:
    before = assign([["a", "b"], ["c"]])

    assert assign([["a", "b"], ["c"]], before) == before


def test_a_record_that_joins_gets_the_id_of_its_customer_even_if_its_key_is_smaller() -> None:
    assert assign([["a", "b"]], {"b": "C7"}) == {"a": "C7", "b": "C7"}


def test_merged_customers_keep_the_id_that_most_of_their_records_had() -> None:
    assert set(assign([["a", "b", "c"]], {"a": "C1", "b": "C2", "c": "C2"}).values()) == {"C2"}


def test_a_tie_between_ids_goes_to_the_oldest_which_is_the_lowest_number() -> None:
    assert set(assign([["a", "b"]], {"a": "C10", "b": "C9"}).values()) == {"C9"}


def test_a_split_customer_leaves_its_id_with_the_larger_part() -> None:
    assert assign([["a"], ["b", "c"]], dict.fromkeys("abc", "C1")) == {"a": "C2", "b": "C1", "c": "C1"}


def test_a_split_into_equal_parts_leaves_the_id_with_the_smallest_record() -> None:
    assert assign([["b"], ["a"]], {"a": "C1", "b": "C1"}) == {"a": "C1", "b": "C2"}


def test_a_cluster_that_loses_its_first_choice_takes_the_next_old_id_it_has() -> None:
    before = {"a": "C1", "b": "C1", "c": "C1", "d": "C1", "e": "C1", "f": "C2"}

    assert assign([["a", "b", "c"], ["d", "e", "f"]], before) == {
        **dict.fromkeys("abc", "C1"),
        **dict.fromkeys("def", "C2"),
    }


def test_a_number_is_not_given_again_after_a_merge() -> None:
    merged = assign([["a", "b"]], {"a": "C1", "b": "C2"}, highest_number=2)

    assert assign([["a", "b"], ["c"]], merged, highest_number=2) == {"a": "C1", "b": "C1", "c": "C3"}


def test_a_number_is_not_given_again_after_its_records_are_gone() -> None:
    assert assign([["b"]], {"a": "C5"}) == {"b": "C6"}


def test_a_record_that_comes_back_gets_its_id_back() -> None:
    assert assign([["a"]], {"a": "C5", "b": "C9"}) == {"a": "C5"}


def test_the_id_before_stands_beside_the_new_one_and_is_missing_for_new_records() -> None:
    found = assign_ids(clusters_of([["a", "b", "c"]]), registry_of({"a": "C1", "b": "C2"}))

    assert found["previous_customer_id"].to_pylist() == ["C1", "C2", None]


def test_no_records_give_an_empty_table_with_the_same_columns() -> None:
    assert assign_ids(clusters_of([]), registry_of({"a": "C1"})).schema == ASSIGNMENTS


class Runs:
    """Runs one after the other, each of which knows which ids records were given before, and by which run."""

    def __init__(self) -> None:
        self.given: list[tuple[str, str, int]] = []
        self.ids: dict[str, str] = {}
        self.number = 0
        self.successors: dict[str, str] = {}

    def run(self, *groups: str) -> dict[str, str]:
        """Record → id, for clusters given as words whose letters are records."""
        self.number += 1
        history = pa.table(
            {
                "record_key": pa.array([row[0] for row in self.given], pa.string()),
                "customer_id": pa.array([row[1] for row in self.given], pa.string()),
                "run_number": pa.array([row[2] for row in self.given], pa.int64()),
            }
        )
        found = assign_ids(clusters_of(groups), registry_of(self.ids), history=history)
        now = dict(zip(found["record_key"].to_pylist(), found["customer_id"].to_pylist(), strict=True))
        self.given += [(key, i, self.number) for key, i in now.items() if self.ids.get(key) != i]
        self.ids |= now
        self.successors = {row["customer_id"]: row["successor_id"] for row in successors(found).to_pylist()}
        return now


def test_a_merge_that_is_undone_gives_both_sides_their_ids_back() -> None:
    runs = Runs()
    before = runs.run("ab", "cde")
    assert set(runs.run("abcde").values()) == {"C2"}

    assert runs.run("ab", "cde") == before


def test_who_held_an_id_first_gets_it_back_whatever_the_order_of_records() -> None:
    runs = Runs()
    runs.run("z")
    before = runs.run("z", "a")
    assert set(runs.run("az").values()) == {"C1"}

    assert runs.run("a", "z") == before == {"z": "C1", "a": "C2"}


def test_of_two_equal_parts_the_one_that_held_the_id_first_keeps_it() -> None:
    runs = Runs()
    runs.run("z")
    runs.run("az")

    assert runs.run("a", "z") == {"a": "C2", "z": "C1"}


def test_who_came_to_an_id_by_a_merge_goes_back_to_the_old_one_even_if_larger_by_now() -> None:
    runs = Runs()
    runs.run("a", "b")
    assert set(runs.run("abcd").values()) == {"C1"}

    assert runs.run("a", "bcd") == {"a": "C1", **dict.fromkeys("bcd", "C2")}


def test_who_has_no_old_id_to_go_back_to_takes_the_id_if_larger() -> None:
    runs = Runs()
    runs.run("a")
    runs.run("abcd")

    assert runs.run("a", "bcd") == {"a": "C2", **dict.fromkeys("bcd", "C1")}


def test_of_two_free_ids_a_record_takes_the_one_it_held_last() -> None:
    runs = Runs()
    runs.run("a", "bc", "defg")
    assert runs.run("abc", "defg")["a"] == "C2"
    assert set(runs.run("abcdefg").values()) == {"C3"}

    assert runs.run("a", "bcdefg")["a"] == "C2"


def test_an_id_that_somebody_holds_is_not_taken_back() -> None:
    runs = Runs()
    runs.run("ab", "cd")
    runs.run("a", "bcd")
    assert runs.ids == {"a": "C1", **dict.fromkeys("bcd", "C2")}

    assert runs.run("a", "b", "cd") == {"a": "C1", "b": "C3", "c": "C2", "d": "C2"}


def test_an_id_that_only_history_knows_is_not_minted_again() -> None:
    history = pa.table({"record_key": ["gone"], "customer_id": ["C8"], "run_number": [1]})

    assert assign_ids(clusters_of(["a"]), registry_of({}), history=history)["customer_id"].to_pylist() == ["C9"]


def test_a_merged_id_points_to_the_customer_that_took_most_of_its_records() -> None:
    runs = Runs()
    runs.run("abc", "defg", "hijk")
    assert runs.successors == {}
    runs.run("adefg", "bchijk")
    assert runs.successors == {"C1": "C3"}


def test_of_customers_that_took_equally_many_the_oldest_is_the_successor() -> None:
    runs = Runs()
    runs.run("ab", "cdef", "ghij")
    runs.run("bcdef", "aghij")

    assert runs.successors == {"C1": "C2"}


def test_an_id_that_somebody_still_holds_has_no_successor() -> None:
    runs = Runs()
    runs.run("abc", "de")
    runs.run("ab", "cde")

    assert runs.successors == {}


def test_an_id_whose_records_are_gone_has_no_successor() -> None:
    runs = Runs()
    runs.run("a", "b")
    runs.run("b")

    assert runs.successors == {}


def test_successors_of_nothing_are_an_empty_table_with_the_same_columns() -> None:
    assert successors(ASSIGNMENTS.empty_table()).equals(SUCCESSORS.empty_table())


RECORDS = [f"crm:{number}" for number in range(9)]
PARTITIONS = st.lists(st.integers(0, 5) | st.none(), min_size=len(RECORDS), max_size=len(RECORDS))
"""For each record the cluster that it belongs to, or None where it does not exist."""


def grouped(partition: list[int | None]) -> Groups:
    groups: dict[int, list[str]] = {}
    for record, cluster in zip(RECORDS, partition, strict=True):
        if cluster is not None:
            groups.setdefault(cluster, []).append(record)
    return list(groups.values())


class Chain:
    """Runs one after the other, each of which knows what the ones before recorded."""

    def __init__(self) -> None:
        self.registry: dict[str, str] = {}
        self.highest = 0
        self.ever_given: set[str] = set()

    def run(self, groups: Groups) -> dict[str, str]:
        ids = assign(groups, self.registry, self.highest)
        self.registry.update(ids)
        self.highest = max([self.highest, *(int(i[1:]) for i in ids.values())])
        return ids


@given(history=st.lists(PARTITIONS, min_size=1, max_size=6))
def test_over_any_history_ids_and_customers_are_one_to_one(history: list[list[int | None]]) -> None:
    chain = Chain()
    for partition in history:
        groups = grouped(partition)
        ids = chain.run(groups)

        assert all(len({ids[record] for record in group}) == 1 for group in groups)
        assert len(set(ids.values())) == len(groups)


@given(history=st.lists(PARTITIONS, min_size=1, max_size=6))
def test_over_any_history_a_number_is_minted_only_once(history: list[list[int | None]]) -> None:
    chain = Chain()
    for partition in history:
        known = set(chain.registry.values())
        minted = set(chain.run(grouped(partition)).values()) - known

        assert not minted & chain.ever_given
        chain.ever_given |= minted


@given(history=st.lists(PARTITIONS, min_size=2, max_size=5))
def test_over_any_history_an_id_stays_with_a_record_that_had_it(history: list[list[int | None]]) -> None:
    chain = Chain()
    for partition in history:
        before = dict(chain.registry)
        groups = grouped(partition)
        ids = chain.run(groups)
        for group in groups:
            kept = ids[group[0]]
            held = {before[record] for record in group if record in before}

            assert kept in held or kept not in before.values()
            # Whoever gets a new id had none, or lost each of its old ones to a cluster with at least as many records.
            for lost in held if kept not in held else ():
                winners = [other for other in groups if ids[other[0]] == lost]
                assert len(winners) == 1
                assert overlap(winners[0], lost, before) >= overlap(group, lost, before)


def overlap(group: list[str], customer_id: str, before: Mapping[str, str]) -> int:
    return sum(before.get(record) == customer_id for record in group)


@given(before=PARTITIONS, after=PARTITIONS, seed=st.integers(0, 2**32))
def test_the_order_of_rows_does_not_matter(before: list[int | None], after: list[int | None], seed: int) -> None:
    registry = registry_of(assign(grouped(before)))
    clusters = clusters_of(grouped(after))
    order = random.Random(seed)
    shuffled = assign_ids(
        clusters.take(pa.array(order.sample(range(clusters.num_rows), clusters.num_rows), pa.int64())),
        registry.take(pa.array(order.sample(range(registry.num_rows), registry.num_rows), pa.int64())),
    )

    assert shuffled.sort_by("record_key").to_pylist() == assign_ids(clusters, registry).to_pylist()
