"""What a gate sees of incoming loads."""

from datetime import date

import duckdb
import pytest

from orchestration.ingest.profile import register_incoming

KNOWN_ON = date(2025, 2, 1)


def customers(count, start=0):
    return "customer_id,name\n" + "".join(f"{i},n\n" for i in range(start, start + count))


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        yield connection


def register(connection, world, *received):
    return register_incoming(connection, received, world.ledger, [world.source], KNOWN_ON)


def facts(connection, relations, load):
    cursor = connection.execute(f'from incoming."{relations[load.load_id].load}"')
    (row,) = cursor.fetchall()
    return dict(zip([c[0] for c in cursor.description], row, strict=True))


def accept_days(world, *counts, object_name="customers"):
    for day, count in enumerate(counts, start=1):
        world.land(customers(count), on=f"2025-01-{day:02d}", object_name=object_name)
    world.accept(*(world.receive(load) for load in world.scan().loads))


def last_day(world, content, day):
    world.land(content, on=f"2025-01-{day:02d}")
    return world.receive(world.scan().loads[-1])


def test_the_facts_of_a_load_are_counts_and_rates(world, connection):
    received = world.take("customer_id,name,x\n1,a,1\n1,b,2\n2,c,3\n,d,4\nbroken\n", on="2025-01-30")
    found = facts(connection, register(connection, world, received), received)
    assert found == {
        "source": "crm", "object": "customers", "load_id": received.load_id,
        "received_count": 5, "loaded_count": 3, "rejected_count": 2, "reject_rate": 0.4,
        "replaced_ratio": 1.0,
        "key_duplicate_count": 1, "key_duplicate_rate": 1 / 3,
        "row_count": 3, "row_count_min": 1, "row_count_max": 1000, "row_count_ratio": None,
        "ratio_min": 0.7, "ratio_max": 3.0, "is_below_band": False, "is_above_band": False,
        "lag_days": 2, "unknown_column_count": 1, "lost_column_count": 0,
    }  # fmt: skip


def test_a_load_of_no_rows_has_rates_of_zero_and_is_below_its_band(world, connection):
    received = world.take("customer_id,name\n")
    found = facts(connection, register(connection, world, received), received)
    assert (found["reject_rate"], found["key_duplicate_rate"], found["is_below_band"]) == (0, 0, True)


@pytest.mark.parametrize(
    ("before", "now", "ratio", "below", "above"),
    [
        ([100, 10], 6, 0.6, True, False),
        ([100, 10], 7, 0.7, False, False),
        ([100, 10], 31, 3.1, False, True),
        ([], 1001, None, False, True),
    ],
)
def test_a_snapshot_is_held_against_the_one_before_it(world, connection, before, now, ratio, below, above):
    accept_days(world, *before)
    received = last_day(world, customers(now), 9)
    found = facts(connection, register(connection, world, received), received)
    assert (found["row_count_ratio"], found["is_below_band"], found["is_above_band"]) == (ratio, below, above)


def test_a_truncated_snapshot_is_no_base_for_the_next_one_that_came_with_it(world, connection):
    accept_days(world, 100)
    world.land(customers(1), on="2025-01-02")
    world.land(customers(1), on="2025-01-03")
    world.land(customers(90), on="2025-01-04")
    received = [world.receive(load) for load in world.scan().loads[1:]]
    relations = register(connection, world, *received)
    found = [facts(connection, relations, load) for load in received]
    assert [(f["row_count_ratio"], f["is_below_band"]) for f in found] == [(0.01, True), (0.01, True), (0.9, False)]


def test_half_a_snapshot_sent_for_the_same_day_is_held_against_the_whole(world, connection):
    accept_days(world, 10)
    received = last_day(world, customers(5), 1)
    assert facts(connection, register(connection, world, received), received)["row_count_ratio"] == 0.5


def test_of_several_incoming_snapshots_each_is_held_against_the_one_before_it(world, connection):
    for day, count in enumerate([10, 20, 5], start=1):
        world.land(customers(count), on=f"2025-01-{day:02d}")
    received = [world.receive(load) for load in world.scan().loads]
    relations = register(connection, world, *received)
    assert [facts(connection, relations, r)["row_count_ratio"] for r in received] == [None, 2.0, 0.25]


def deltas(world, counts):
    for day, count in enumerate(counts, start=1):
        lines = "".join(f"{i},1\n" for i in range(count))
        world.land("order_id,line_no\n" + lines, object_name="orders", on=f"2025-01-{day:02d}")
    loads = world.scan().loads
    world.accept(*(world.receive(load) for load in loads[:-1]))
    return world.receive(loads[-1])


@pytest.mark.parametrize(
    ("counts", "ratio"),
    [([10, 20, 5], None), ([10, 20, 30, 5], 0.25), ([1] * 8 + [10] * 7 + [5], 0.5)],
)
def test_a_delta_is_held_against_the_median_of_seven_loads_if_there_are_three(world, connection, counts, ratio):
    received = deltas(world, counts)
    assert facts(connection, register(connection, world, received), received)["row_count_ratio"] == ratio


def test_a_column_that_the_load_before_had_is_told_as_lost(world, connection):
    world.take("customer_id,name,phone\n1,a,138\n", on="2025-01-01")
    world.accept(world.receive())
    received = last_day(world, "customer_id,name\n1,a\n", 2)
    assert facts(connection, register(connection, world, received), received)["lost_column_count"] == 1


def orphans(connection, relations, received):
    view = relations[received.load_id].rows
    return connection.execute(
        f'select customer_id, _orphan_customer_id from incoming."{view}" order by _row'
    ).fetchall()


ORDERS = "order_id,line_no,customer_id\n1,1,0\n2,1,1\n3,1,7\n4,1,\n"


def test_an_orphan_is_a_reference_that_neither_incoming_nor_accepted_loads_hold(world, connection):
    accept_days(world, 1)
    world.land(customers(1, start=1), on="2025-01-02")
    world.land(ORDERS, object_name="orders", on="2025-01-02")
    received = [world.receive(load) for load in world.scan().loads[1:]]
    relations = register(connection, world, *received)
    assert orphans(connection, relations, received[1]) == [("0", False), ("1", False), ("7", True), (None, None)]


def test_where_the_parent_never_came_nothing_is_an_orphan(world, connection):
    received = world.take(ORDERS, object_name="orders")
    assert {flag for _, flag in orphans(connection, register(connection, world, received), received)} == {None}


def test_registering_again_replaces_what_was_there(world, connection):
    received = world.take(customers(2))
    register(connection, world, received)
    assert list(register(connection, world, received)) == [received.load_id]
    assert register(connection, world) == {}


def test_an_unreadable_load_has_no_views(world, connection):
    assert register(connection, world, world.take("")) == {}


def test_a_load_is_held_against_the_load_of_its_date_that_it_would_replace(world, connection):
    accept_days(world, 40)
    received = last_day(world, customers(2), 1)
    found = facts(connection, register(connection, world, received), received)
    assert found["replaced_ratio"] == 2 / 40


@pytest.mark.parametrize(("object_name", "is_below"), [("customers", True), ("days", False)])
def test_a_day_without_changes_is_an_empty_delta_but_a_snapshot_is_never_empty(
    world_of, connection, object_name, is_below
):
    spec = {
        "files": "*.csv",
        "format": "csv",
        "primary_key": ["customer_id"],
        "rows": {"min": 1},
        "columns": {"customer_id": {"type": "VARCHAR", "required": True}},
    }
    objects = {"customers": {**spec, "mode": "snapshot"}, "days": {**spec, "mode": "delta"}}
    world = world_of({"source": "crm", "objects": objects})
    first = world.take("customer_id\n", on="2025-01-01", object_name=object_name)
    assert facts(connection, register(connection, world, first), first)["is_below_band"] is True
    world.land("customer_id\n1\n", on="2025-01-01", object_name=object_name)
    world.accept(world.receive())
    world.land("customer_id\n", on="2025-01-02", object_name=object_name)
    later = world.receive(world.scan().loads[-1])
    assert facts(connection, register(connection, world, later), later)["is_below_band"] is is_below
