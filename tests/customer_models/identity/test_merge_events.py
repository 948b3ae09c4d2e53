"""Every change of a customer between two runs is told, with what made it, and no record is lost on the way."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_models.identity.merge_events import EVENTS, events
from customer_models.identity.stable_ids import ASSIGNMENTS, assign_ids, successors

Event = tuple[str, str, str | None, int, str, float | None]


def pairs_of(pairs: list[tuple[str, str]]) -> pa.Table:
    ends = [pa.array([pair[side] for pair in pairs], pa.string()) for side in (0, 1)]
    return pa.table(ends, names=["left_record_key", "right_record_key"])


def told(
    before: Mapping[str, str],
    now: Mapping[str, str],
    edges: Mapping[tuple[str, str], tuple[str, float]] | None = None,
    never: list[tuple[str, str]] | None = None,
) -> list[Event]:
    """Events between ids before and now: (words whose letters are records) → id."""
    previous = {record: customer for records, customer in before.items() for record in records}
    rows = [(record, customer, previous.get(record)) for records, customer in now.items() for record in records]
    assignments = pa.table([pa.array(column, pa.string()) for column in zip(*rows, strict=True)], schema=ASSIGNMENTS)
    edges = edges or {}
    ties = pairs_of(list(edges))
    ties = ties.append_column("rule", pa.array([rule for rule, _ in edges.values()], pa.string()))
    ties = ties.append_column("weight", pa.array([weight for _, weight in edges.values()], pa.float64()))
    highest = max((int(customer[1:]) for customer in before.values()), default=0)
    found = events(assignments, ties, pairs_of(never or []), highest_number=highest)
    assert found.schema == EVENTS
    return [tuple(row.values()) for row in found.to_pylist()]  # type: ignore[misc]


def test_a_customer_of_new_records_is_created() -> None:
    assert told({}, {"ab": "C1", "c": "C2"}) == [
        ("create", "C1", "", 2, "new records", None),
        ("create", "C2", "", 1, "new records", None),
    ]


def test_where_nothing_changed_or_a_new_record_joins_nothing_is_told() -> None:
    assert told({"ab": "C1"}, {"abc": "C1"}, {("a", "c"): ("email", 9.0)}) == []


def test_a_merge_is_told_with_the_strongest_edge_between_the_two() -> None:
    edges = {("b", "d"): ("model", 5.0), ("c", "d"): ("email", 9.0), ("a", "b"): ("uscc", 30.0)}
    edges[("d", "e")] = ("uscc", 30.0)

    assert told({"abc": "C1", "de": "C2"}, {"abcde": "C1"}, edges) == [("merge", "C1", "C2", 2, "email", 9.0)]


def test_a_merge_by_a_new_record_is_told_with_the_edge_to_it() -> None:
    edges = {("a", "x"): ("model", 5.0), ("x", "c"): ("openid", 20.0)}

    assert told({"a": "C1", "c": "C2"}, {"acx": "C1"}, edges) == [("merge", "C1", "C2", 1, "openid", 20.0)]


def test_a_steward_is_the_cause_whatever_weight_other_edges_have() -> None:
    edges = {("a", "b"): ("steward", 1.0), ("b", "a"): ("uscc", 30.0)}

    assert told({"a": "C1", "b": "C2"}, {"ab": "C1"}, edges) == [("merge", "C1", "C2", 1, "steward", 1.0)]


@pytest.mark.parametrize(
    ("edges", "never", "cause", "weight"),
    [
        ({}, [], "no edge left", None),
        ({("a", "c"): ("model", 5.0), ("b", "c"): ("email", 9.0)}, [], "edge refused", 9.0),
        ({("a", "c"): ("model", 5.0)}, [("c", "b")], "steward", None),
        ({("a", "b"): ("model", 5.0)}, [("a", "x")], "no edge left", None),
    ],
)
def test_a_split_tells_what_still_lies_between_those_who_left_and_those_who_stayed(
    edges: dict[tuple[str, str], tuple[str, float]],
    never: list[tuple[str, str]],
    cause: str,
    weight: float | None,
) -> None:
    found = told({"abc": "C1", "x": "C2"}, {"ab": "C1", "c": "C3", "x": "C2"}, edges, never)

    assert found == [("split", "C3", "C1", 1, cause, weight)]


def test_an_id_that_comes_back_is_an_unmerge() -> None:
    # C2 had been merged into C1 before; C5 is the highest number ever given.
    assert told({"abc": "C1", "x": "C5"}, {"ab": "C1", "c": "C2", "x": "C5"}, never=[("a", "c")]) == [
        ("unmerge", "C2", "C1", 1, "steward", None)
    ]


def test_records_that_go_from_one_customer_to_another_are_a_move() -> None:
    edges = {("b", "c"): ("model", 5.0), ("a", "b"): ("email", 9.0)}

    assert told({"ab": "C1", "c": "C2"}, {"a": "C1", "bc": "C2"}, edges) == [("move", "C2", "C1", 1, "model", 5.0)]


def test_a_customer_that_falls_apart_among_others_merges_into_the_one_that_took_most() -> None:
    before = {"abc": "C3", "d": "C2", "e": "C1"}

    assert told(before, {"bcd": "C2", "ae": "C1"}) == [
        ("move", "C1", "C3", 1, "no edge left", None),
        ("merge", "C2", "C3", 2, "no edge left", None),
    ]


def test_customers_are_in_the_order_of_their_numbers() -> None:
    found = told({}, {"abcdefghijkl"[number]: f"C{number + 1}" for number in range(11)})

    assert [event[1] for event in found] == [f"C{number}" for number in range(1, 12)]


PARTITIONS = st.lists(st.integers(0, 4) | st.none(), min_size=10, max_size=10)


@settings(max_examples=20, deadline=None)
@given(days=st.lists(PARTITIONS, min_size=2, max_size=5))
def test_records_before_and_what_came_and_went_are_the_records_now(days: list[list[int | None]]) -> None:
    registry: dict[str, str] = {}
    given_ids: list[tuple[str, str, int]] = []
    for run, day in enumerate(days):
        groups: dict[int, list[str]] = {}
        for record, cluster in enumerate(day):
            if cluster is not None:
                groups.setdefault(cluster, []).append(f"r{record}")
        rows = [(record, min(group)) for group in groups.values() for record in group]
        highest = max((int(customer[1:]) for customer in registry.values()), default=0)
        highest = max([highest, *(int(row[1][1:]) for row in given_ids)])
        assigned = assign_ids(
            table(rows, ["record_key", "cluster_key"]),
            table(list(registry.items()), ["record_key", "customer_id"]),
            highest,
            table(given_ids, ["record_key", "customer_id"]).append_column(
                "run_number", pa.array([row[2] for row in given_ids], pa.int64())
            ),
        )
        no_edges = pairs_of([]).append_column("rule", pa.array([], pa.string()))
        no_edges = no_edges.append_column("weight", pa.array([], pa.float64()))
        found = events(assigned, no_edges, pairs_of([]), highest_number=highest).to_pylist()
        now = assigned.to_pylist()

        count = Counter(row["previous_customer_id"] for row in now if row["previous_customer_id"])
        count.update(row["customer_id"] for row in now if row["previous_customer_id"] is None)
        for event in found:
            if event["event"] != "create":
                count[event["customer_id"]] += event["record_count"]
                count[event["other_customer_id"]] -= event["record_count"]
        assert +count == Counter(row["customer_id"] for row in now)

        known = {row["customer_id"] for row in now} - set(registry.values()) - {row[1] for row in given_ids}
        assert {event["customer_id"] for event in found if event["event"] in ("create", "split")} == known
        assert {(e["other_customer_id"], e["customer_id"]) for e in found if e["event"] == "merge"} == {
            tuple(row.values()) for row in successors(assigned).to_pylist()
        }
        given_ids += [
            (row["record_key"], row["customer_id"], run)
            for row in now
            if registry.get(row["record_key"]) != row["customer_id"]
        ]
        registry |= {row["record_key"]: row["customer_id"] for row in now}


def table(rows: Sequence[Sequence[object]], names: list[str]) -> pa.Table:
    """Text columns of the first values of each row."""
    return pa.table([pa.array([row[side] for row in rows], pa.string()) for side in range(len(names))], names=names)
