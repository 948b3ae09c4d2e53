"""Facts that are carried on load by load hold what facts built from nothing hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

FACTS = ("fct_order_line", "fct_order")
RAW = {
    "orders": ("order_id", "status", "net_amount", "_op"),
    "order_lines": ("order_id", "line_no", "net_amount", "is_return", "original_order_id", "_op"),
}
STAGED = {
    "orders": """
        '7' as customer_id, timestamp '2025-01-01 04:00:00' as ordered_at, 'store' as channel, 'S1' as store_id, status,
        0 as gross_amount, 0 as discount_amount, cast(net_amount as decimal(18, 2)) as net_amount""",
    "order_lines": """
        line_no, 'p' as product_id, 1 as quantity, 9 as list_price, cast(net_amount as decimal(18, 2)) as net_amount,
        cast(net_amount as decimal(18, 2)) as cost_amount, cast(is_return as boolean) as is_return,
        original_order_id""",
}


@dataclass(frozen=True)
class Load:
    """What arrives on one day: rows as in ``RAW``."""

    orders: Sequence[tuple[Any, ...]] = ()
    order_lines: Sequence[tuple[Any, ...]] = ()


class This:
    """The relation that is being built, as dbt knows it."""

    name = ""

    def __str__(self) -> str:
        return self.name

    def incorporate(self, path: dict[str, str]) -> str:
        return path["identifier"]


class Warehouse:
    """Raw, staging and order facts of one source, built as dbt builds them."""

    def __init__(self, database: duckdb.DuckDBPyConnection, rendering: Any, mode: str) -> None:
        self.database = database
        self.is_incremental = False
        self.days = 0
        self.this = This()
        nodes = {}
        for name, keys, together in (
            ("orders", ["order_id"], []),
            ("order_lines", ["order_id", "line_no"], ["order_id"]),
        ):
            meta = {"mode": mode, "primary_key": keys, "replace_together": together, "modified_at": None}
            nodes[f"source.liucun.crm.{name}"] = SimpleNamespace(config=SimpleNamespace(meta=meta), meta=meta)
        self.project = rendering(
            var=lambda name: {"time_zone": "UTC", "zero_amount_counts_as_purchase": False}[name],
            source=lambda source, table: f"raw_{table}" if source == "crm" else "loads",
            ref=lambda name: {"stg_ledger__loads": "loads"}.get(name, name),
            graph=SimpleNamespace(sources=nodes),
            union_sources=lambda entity: f"stg_{entity}",
            is_incremental=lambda: self.is_incremental,
            load_relation=lambda relation: relation if self.is_incremental else None,
            flags=SimpleNamespace(FULL_REFRESH=False),
            this=self.this,
        )

    def start(self) -> None:
        """Nothing received, nothing built."""
        self.days = 0
        self.database.execute(
            "create or replace table loads (load_id varchar, source varchar, object varchar, load_date date, "
            "is_in_force boolean, is_held_by_facts boolean)"
        )
        self.database.execute(
            "create or replace table order_status_rules as select 'cancelled' as status, true as is_cancelled"
        )
        for name, columns in RAW.items():
            typed = ", ".join(f"{column} varchar" for column in (*columns, "_load_id"))
            self.database.execute(
                f"create or replace table raw_{name} ({typed}, _load_date date, _file varchar, _row bigint)"
            )

    def receive(self, load: Load) -> None:
        """One day's load of both objects; the facts hold all that came before."""
        load_date = date(2025, 1, 1) + timedelta(days=self.days)
        self.days += 1
        self.database.execute("update loads set is_held_by_facts = true")
        for name, columns in RAW.items():
            load_id = f"{name} {load_date}"
            self.database.execute("insert into loads values (?, 'crm', ?, ?, true, false)", [load_id, name, load_date])
            for number, row in enumerate(getattr(load, name), start=1):
                values = [*row, load_id, load_date, "a.csv", number]
                self.database.execute(f"insert into raw_{name} values ({', '.join('?' * (len(columns) + 4))})", values)
            self.database.execute(
                f"create or replace table stg_{name} as select 'crm' as source, order_id, {STAGED[name]}, "
                f"_is_deleted as is_deleted, _load_id from {self.project.current_versions('crm', name)} as versions"
            )

    def build(self, is_incremental: bool) -> None:
        """All facts, carried on from what they hold or built from nothing."""
        self.is_incremental = is_incremental
        self.database.execute(f"create or replace table fct_order_change as {self._sql('fct_order_change')}")
        for fact in FACTS:
            if is_incremental:
                self.this.name = fact
                self.database.execute(self.project.forget_changed_orders())
                self.database.execute(f"insert into {fact} by name {self._sql(fact)}")
            else:
                self.database.execute(f"create or replace table {fact} as {self._sql(fact)}")

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every fact's rows in the order of their keys."""
        return {fact: self.ask(f"select * from {fact} order by all") for fact in FACTS}

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.database.execute(query).fetchall()

    def _sql(self, model: str) -> str:
        self.this.name = model
        return str(self.project.model(f"core/{model}.sql"))


@pytest.fixture(scope="module")
def warehouses(rendering: Any) -> Iterator[dict[str, Warehouse]]:
    """A warehouse of a source that sends changes, and one of a source that sends everything each day."""
    with duckdb.connect() as changes, duckdb.connect() as everything:
        yield {
            "delta": Warehouse(changes, rendering, "delta"),
            "snapshot": Warehouse(everything, rendering, "snapshot"),
        }


ORDER = st.sampled_from("abc")
AMOUNT = st.sampled_from(["10.00", "0.00", "-4.00", "25.50"])
OPERATION = st.sampled_from(["upsert", "upsert", "upsert", "delete"])
ORDER_ROWS = st.tuples(ORDER, st.sampled_from(["paid", "cancelled"]), AMOUNT, OPERATION)
LINE_ROWS = st.tuples(
    ORDER, st.sampled_from("12"), AMOUNT, st.sampled_from(["true", "false"]), ORDER | st.none(), OPERATION
)
LOADS = st.lists(
    st.builds(Load, st.lists(ORDER_ROWS, max_size=3), st.lists(LINE_ROWS, max_size=4)), min_size=2, max_size=4
)

BOUGHT = Load(
    [("a", "paid", "10.00", "upsert"), ("b", "paid", "10.00", "upsert")],
    [("a", "1", "10.00", "false", None, "upsert"), ("b", "1", "10.00", "false", None, "upsert")],
)
RETURNED = Load([("c", "paid", "-4.00", "upsert")], [("c", "1", "-4.00", "true", "a", "upsert")])
RETURN_OF_B = Load([], [("c", "1", "-4.00", "true", "b", "upsert")])
RETURN_CANCELLED = Load([("c", "cancelled", "-4.00", "upsert")])
RETURN_DELETED = Load([("c", "paid", "-4.00", "delete")])
LINE_DELETED = Load([], [("c", "1", "-4.00", "true", "a", "delete")])


@given(mode=st.sampled_from(["delta", "snapshot"]), loads=LOADS)
@example(mode="delta", loads=[BOUGHT, RETURNED, RETURN_OF_B])
@example(mode="delta", loads=[BOUGHT, RETURNED, RETURN_CANCELLED])
@example(mode="delta", loads=[BOUGHT, RETURNED, RETURN_DELETED])
@example(mode="delta", loads=[BOUGHT, RETURNED, LINE_DELETED])
@example(mode="delta", loads=[RETURNED, BOUGHT])
@example(mode="snapshot", loads=[RETURNED, BOUGHT, Load()])
@settings(max_examples=25, deadline=None)
def test_late_changed_deleted_and_negative_rows_leave_incremental_facts_equal_to_rebuilt_ones(
    warehouses: dict[str, Warehouse], mode: str, loads: list[Load]
) -> None:
    warehouse = warehouses[mode]
    warehouse.start()
    for number, load in enumerate(loads):
        warehouse.receive(load)
        warehouse.build(is_incremental=number > 0)
        carried_on = warehouse.rows()
        warehouse.database.execute("begin")
        warehouse.build(is_incremental=False)
        rebuilt = warehouse.rows()
        warehouse.database.execute("rollback")

        assert carried_on == rebuilt


@pytest.mark.parametrize(
    ("undo", "expected"),
    [
        (RETURN_CANCELLED, "10.00"),
        (RETURN_DELETED, "10.00"),
        (LINE_DELETED, "10.00"),
        (RETURN_OF_B, "10.00"),
        (Load(), "6.00"),
    ],
)
def test_an_order_is_whole_again_once_the_return_that_lowered_it_is_undone(
    warehouses: dict[str, Warehouse], undo: Load, expected: str
) -> None:
    warehouse = warehouses["delta"]
    warehouse.start()
    for number, load in enumerate([BOUGHT, RETURNED, undo]):
        warehouse.receive(load)
        warehouse.build(is_incremental=number > 0)

    assert warehouse.ask("select cast(net_amount as varchar) from fct_order where order_key = 'crm:a'") == [(expected,)]


def test_only_orders_of_new_loads_and_the_originals_of_their_returns_are_restated(
    warehouses: dict[str, Warehouse],
) -> None:
    warehouse = warehouses["delta"]
    warehouse.start()
    warehouse.receive(BOUGHT)
    warehouse.build(is_incremental=False)
    warehouse.receive(RETURNED)
    warehouse.build(is_incremental=True)

    assert warehouse.ask("select order_key from fct_order_change order by 1") == [("crm:a",), ("crm:c",)]
