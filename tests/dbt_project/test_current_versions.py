"""Of every key the newest version counts, and what a snapshot no longer holds is deleted."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

Row = dict[str, Any]
COLUMNS = {
    "order_id": "varchar",
    "line_no": "varchar",
    "value": "varchar",
    "modified_at": "varchar",
    "_load_id": "varchar",
    "_load_date": "date",
    "_file": "varchar",
    "_row": "bigint",
    "_op": "varchar",
}
FIRST, SECOND, THIRD = date(2025, 1, 1), date(2025, 1, 2), date(2025, 1, 3)


class RawObject:
    """A raw object of one source, filled load by load and read through the macro."""

    def __init__(self, database: duckdb.DuckDBPyConnection, rendering: Any, mode: str, **facts: Any) -> None:
        meta = {"mode": mode, "primary_key": ["order_id"], "modified_at": None, "replace_together": [], **facts}
        node = SimpleNamespace(config=SimpleNamespace(meta=meta), meta=meta)
        self.database = database
        self.macros = rendering(
            var=lambda name: {"time_zone": "Asia/Shanghai"}[name],
            source=lambda name, table: {"crm": "raw_lines", "ledger": "loads"}[name],
            graph=SimpleNamespace(sources={"source.liucun.crm.lines": node}),
        )
        database.execute("drop table if exists raw_lines")
        database.execute("drop table if exists loads")
        database.execute(f"create table raw_lines ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
        database.execute(
            "create table loads (load_id varchar, source varchar, object varchar, load_date date, is_in_force boolean)"
        )

    def load(self, load_date: date, *rows: Row, is_in_force: bool = True) -> None:
        """One load; rows without a file or number are those of one file in order."""
        load_id = f"load-{load_date}-{is_in_force}"
        self.database.execute("insert into loads values (?, 'crm', 'lines', ?, ?)", [load_id, load_date, is_in_force])
        for number, row in enumerate(rows, start=1):
            full = {
                "_file": "a.csv",
                "_row": number,
                "_op": "upsert",
                **row,
                "_load_id": load_id,
                "_load_date": load_date,
            }
            self.database.execute(
                f"insert into raw_lines values ({', '.join('?' * len(COLUMNS))})", [full.get(name) for name in COLUMNS]
            )

    @property
    def sql(self) -> str:
        """The relation that a staging model reads."""
        return str(self.macros.current_versions("crm", "lines"))

    def versions(self) -> list[Row]:
        """Current versions, by key and value."""
        names = ["order_id", "line_no", "value", "_is_deleted"]
        found = self.database.execute(f"select {', '.join(names)} from {self.sql} as v order by 1, 2, 3").fetchall()
        return [dict(zip(names, row, strict=True)) for row in found]

    def values(self) -> dict[str, str]:
        """Values of the living versions by key."""
        return {row["order_id"]: row["value"] for row in self.versions() if not row["_is_deleted"]}


@pytest.fixture
def raw_object(database: duckdb.DuckDBPyConnection, rendering: Any) -> Callable[..., RawObject]:
    return lambda mode, **facts: RawObject(database, rendering, mode, **facts)


def row(order_id: str, value: str, modified_at: str | None = None, **more: Any) -> Row:
    return {"order_id": order_id, "value": value, "modified_at": modified_at, **more}


def test_the_version_modified_last_counts_even_if_it_came_first(raw_object: Callable[..., RawObject]) -> None:
    lines = raw_object("delta", modified_at="modified_at")
    lines.load(FIRST, row("1", "newer", "2024-12-31T09:00:00Z"), row("2", "only"))
    lines.load(SECOND, row("1", "late arrival", "2024-12-30 23:00:00"))

    assert lines.values() == {"1": "newer", "2": "only"}


def test_stamps_written_in_different_ways_are_compared_as_instants(raw_object: Callable[..., RawObject]) -> None:
    lines = raw_object("delta", modified_at="modified_at")
    lines.load(
        FIRST,
        row("1", "09:00 UTC", "2024-12-31 17:00:00+08:00"),
        row("1", "10:00 UTC", "2024-12-31T10:00:00Z"),
        row("1", "08:00 UTC", "1735632000000"),
    )

    assert lines.values() == {"1": "10:00 UTC"}


@pytest.mark.parametrize("facts", [{}, {"modified_at": "modified_at"}])
def test_equal_stamps_leave_it_to_the_load_date_then_the_file_then_the_row(
    raw_object: Callable[..., RawObject], facts: dict[str, str]
) -> None:
    lines = raw_object("delta", **facts)
    stamp = "2024-12-31 09:00:00"
    lines.load(SECOND, row("1", "newest load", stamp), row("1", "last row", stamp))
    lines.load(FIRST, row("1", "older load", stamp, _file="z.csv", _row=9))
    lines.load(
        THIRD,
        row("2", "last row of the first file", stamp, _file="a.csv", _row=9),
        row("2", "first row of the last file", stamp, _file="b.csv", _row=1),
        row("3", "same number in another file", stamp, _file="b.csv", _row=9),
    )

    assert lines.values() == {
        "1": "last row",
        "2": "first row of the last file",
        "3": "same number in another file",
    }


def test_a_version_without_a_readable_stamp_counts_as_of_its_load_date(raw_object: Callable[..., RawObject]) -> None:
    lines = raw_object("delta", modified_at="modified_at")
    lines.load(FIRST, row("1", "bought", "2025-01-01 08:00:00"), row("2", "unstamped"), row("3", "odd", "yesterday"))
    lines.load(
        SECOND,
        row("1", "taken out", None, _op="delete"),
        row("2", "stamped earlier", "2024-12-31 23:59:59"),
        row("3", "stamped later", "2025-01-01 00:00:01"),
    )

    assert lines.values() == {"2": "unstamped", "3": "stamped later"}


def test_a_deletion_keeps_what_was_known_and_a_later_version_brings_the_key_back(
    raw_object: Callable[..., RawObject],
) -> None:
    lines = raw_object("delta", modified_at="modified_at")
    lines.load(FIRST, row("1", "a"), row("2", "a"))
    lines.load(SECOND, row("1", "gone", _op="delete"), row("2", "gone", _op="delete"))
    lines.load(THIRD, row("2", "back"))

    assert lines.versions() == [
        {"order_id": "1", "line_no": None, "value": "a", "_is_deleted": True},
        {"order_id": "2", "line_no": None, "value": "back", "_is_deleted": False},
    ]


def test_a_key_that_the_newest_snapshot_lacks_is_deleted_with_its_last_version(
    raw_object: Callable[..., RawObject],
) -> None:
    lines = raw_object("snapshot", modified_at="modified_at")
    lines.load(FIRST, row("1", "old", "2025-01-01 12:00:00"), row("2", "first seen"))
    lines.load(SECOND, row("1", "older stamp", "2024-01-01 12:00:00"), row("2", "last seen"), row("3", "seen once"))
    lines.load(THIRD, row("1", "oldest stamp", "2023-01-01 12:00:00"))

    assert lines.versions() == [
        {"order_id": "1", "line_no": None, "value": "oldest stamp", "_is_deleted": False},
        {"order_id": "2", "line_no": None, "value": "last seen", "_is_deleted": True},
        {"order_id": "3", "line_no": None, "value": "seen once", "_is_deleted": True},
    ]


def test_an_empty_newest_snapshot_deletes_everything(raw_object: Callable[..., RawObject]) -> None:
    lines = raw_object("snapshot")
    lines.load(FIRST, row("1", "a"), row("2", "b"))
    lines.load(SECOND)

    assert [(line["value"], line["_is_deleted"]) for line in lines.versions()] == [("a", True), ("b", True)]


def test_a_snapshot_that_is_not_in_force_deletes_nothing(raw_object: Callable[..., RawObject]) -> None:
    lines = raw_object("snapshot")
    lines.load(FIRST, row("1", "a"))
    lines.load(SECOND, is_in_force=False)

    assert lines.values() == {"1": "a"}


def test_a_delta_that_lacks_a_key_deletes_nothing(raw_object: Callable[..., RawObject]) -> None:
    lines = raw_object("delta")
    lines.load(FIRST, row("1", "a"))
    lines.load(SECOND, row("2", "b"))

    assert lines.values() == {"1": "a", "2": "b"}


def test_a_key_twice_in_one_load_is_one_version_the_last(raw_object: Callable[..., RawObject]) -> None:
    for mode in ("delta", "snapshot"):
        lines = raw_object(mode)
        lines.load(FIRST, row("1", "a"), row("1", "b"), row("1", "b"))

        assert [line["value"] for line in lines.versions()] == ["b"]


def test_the_newest_load_that_holds_an_order_replaces_all_its_lines(raw_object: Callable[..., RawObject]) -> None:
    lines = raw_object(
        "delta", primary_key=["order_id", "line_no"], replace_together=["order_id"], modified_at="modified_at"
    )
    lines.load(
        FIRST,
        row("1", "first", "2025-01-01 12:00:00", line_no="1"),
        row("1", "taken off", line_no="2"),
        row("2", "untouched", line_no="1"),
    )
    lines.load(SECOND, row("1", "again", "2024-12-31 12:00:00", line_no="1"), row("1", "added", line_no="3"))

    assert [(line["order_id"], line["line_no"], line["value"]) for line in lines.versions()] == [
        ("1", "1", "again"),
        ("1", "3", "added"),
        ("2", "1", "untouched"),
    ]


def test_keys_of_several_columns_are_one_key_only_if_all_are_equal(raw_object: Callable[..., RawObject]) -> None:
    lines = raw_object("delta", primary_key=["order_id", "line_no"])
    lines.load(FIRST, row("1", "a", line_no="1"), row("1", "b", line_no="2"))
    lines.load(SECOND, row("1", "c", line_no="2"), row("2", "d", line_no="1"))

    assert [line["value"] for line in lines.versions()] == ["a", "c", "d"]


def test_only_keys_that_occur_more_than_once_pass_through_a_window(raw_object: Callable[..., RawObject]) -> None:
    lines = raw_object("delta", modified_at="modified_at")
    lines.load(FIRST, *(row(str(number), "a") for number in range(200)))
    lines.load(SECOND, row("7", "b"), row("8", "b"), row("900", "b"))

    plan = lines.database.execute(f"explain (analyze, format json) select * from {lines.sql} as v").fetchall()[0][1]

    assert window_rows(json.loads(plan)["operator"]) == 2 * 4, "two rankings of two versions of the keys 7 and 8"


def window_rows(operators: list[dict[str, Any]]) -> int:
    own = sum(operator["intermediate_rows"] for operator in operators if "WINDOW" in operator["type"])
    return int(own) + sum(window_rows(operator.get("children", [])) for operator in operators)


STAMPS = st.sampled_from([None, "2025-01-01 00:00:00", "2025-01-02 00:00:00", "2025-01-03T12:00:00Z", "soon"])
LOADS = st.lists(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("12"), STAMPS, st.booleans()), max_size=5),
    min_size=1,
    max_size=4,
)
MODES = st.sampled_from(["delta", "snapshot"])


@given(mode=MODES, is_together=st.booleans(), is_stamped=st.booleans(), loads=LOADS)
@settings(max_examples=50, deadline=None)
def test_the_result_is_what_reading_the_loads_one_after_the_other_gives(
    rendering: Any,
    mode: str,
    is_together: bool,
    is_stamped: bool,
    loads: list[list[tuple[str, str, str | None, bool]]],
) -> None:
    with duckdb.connect(config={"threads": "1"}) as connection:
        lines = RawObject(
            connection,
            rendering,
            mode,
            primary_key=["order_id", "line_no"],
            replace_together=["order_id"] if is_together else [],
            modified_at="modified_at" if is_stamped else None,
        )
        expected: dict[tuple[str, str], tuple[Any, str, bool]] = {}
        living: dict[tuple[str, str], tuple[Any, str]] = {}
        for number, load in enumerate(loads):
            load_date = FIRST + timedelta(days=number)
            if is_together:
                held = {order_id for order_id, *_ in load}
                expected = {key: version for key, version in expected.items() if key[0] not in held}
            if mode == "snapshot":
                expected = {key: (rank, value, True) for key, (rank, value, _) in expected.items()}
            for position, (order_id, line_no, stamp, is_deletion) in enumerate(load):
                instant = parsed(stamp) or datetime.combine(load_date, datetime.min.time())
                by_stamp = is_stamped and mode == "delta" and not is_together
                rank = (
                    (instant if by_stamp else datetime.min),
                    load_date,
                    instant if is_stamped else datetime.min,
                    position,
                )
                alive = living.get((order_id, line_no))
                if not is_deletion and (alive is None or rank >= alive[0]):
                    living[order_id, line_no] = (rank, f"{number}.{position}")
                known = expected.get((order_id, line_no))
                if known is None or rank >= known[0]:
                    expected[order_id, line_no] = (rank, f"{number}.{position}", is_deletion)
            lines.load(
                load_date,
                *(
                    row(
                        order_id, f"{number}.{position}", stamp, line_no=line_no, _op="delete" if deletion else "upsert"
                    )
                    for position, (order_id, line_no, stamp, deletion) in enumerate(load)
                ),
            )
        if mode == "delta" and not is_together:
            expected = {
                key: (rank, living.get(key, (rank, value))[1], is_deleted)
                for key, (rank, value, is_deleted) in expected.items()
            }
        found = {(v["order_id"], v["line_no"]): (v["value"], v["_is_deleted"]) for v in lines.versions()}

    assert found == {key: (value, is_deleted) for key, (_, value, is_deleted) in expected.items()}


def parsed(stamp: str | None) -> datetime | None:
    if stamp is None or stamp == "soon":
        return None
    return datetime.fromisoformat(stamp.replace("Z", ""))


@pytest.mark.parametrize("mode", ["delta", "snapshot"])
def test_a_key_with_an_empty_part_has_one_version_too(raw_object: Callable[..., RawObject], mode: str) -> None:
    targets = raw_object(mode, primary_key=["order_id", "line_no"])
    targets.load(FIRST, row("retention", "old"), row("gone", "only in the first"))
    targets.load(SECOND, row("retention", "new"))

    living = {v["order_id"]: v["value"] for v in targets.versions() if not v["_is_deleted"]}
    assert len(targets.versions()) == 2
    assert living == {"retention": "new", **({"gone": "only in the first"} if mode == "delta" else {})}
