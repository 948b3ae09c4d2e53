"""The file in which stewards' decisions stand is read as spreadsheets save it, and never loses a row."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.errors import BadInput
from orchestration.stewards import overrides
from orchestration.stewards.overrides import COLUMNS, Override, check, contradiction, in_force, read_overrides

HEADER = ",".join(COLUMNS)
SOURCES = ("crm", "app")
AT = datetime(2025, 12, 1, 9, 30, tzinfo=UTC)
DAY = date(2025, 12, 2)
PATH = Path("overrides/merge_overrides.csv")
WriteCsv = Callable[..., Path]


def force(left: str, right: str, **more: Any) -> Override:
    return Override("force", left, right, "same voice", "li", AT, **more)


def never(left: str, right: str, **more: Any) -> Override:
    return replace(force(left, right, **more), decision="never")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_is_read_in_every_encoding_that_spreadsheets_save(write_csv: WriteCsv, encoding: str) -> None:
    path = write_csv(
        "merge_overrides.csv",
        HEADER,
        "Force,crm:9,crm:1,电话里确认是同一个人,李经理,2025/12/1 9:30,2025/12/31,,",
        ",,,,,,,,",
        encoding=encoding,
    )
    assert read_overrides(path.parent) == [
        Override("force", "crm:1", "crm:9", "电话里确认是同一个人", "李经理", AT, date(2025, 12, 31), row=2)
    ]


def test_columns_may_stand_in_another_order_and_cells_may_have_blanks_around_them(write_csv: WriteCsv) -> None:
    path = write_csv(
        "merge_overrides.csv", ",".join(reversed(COLUMNS)), ",,,2025-12-01T17:30:00+08:00,li, why ,crm:2 , crm:1,never,"
    )
    assert read_overrides(path.parent) == [Override("never", "crm:1", "crm:2", "why", "li", AT, row=2)]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("merge,crm:1,crm:2,r,li,2025-12-01,,,", "row 2, decision: expected force or never, found 'merge'"),
        ("force,1001,crm:2,r,li,2025-12-01,,,", "row 2, left_record_key: expected a record key such as crm:1001"),
        ("force,crm:1,,r,li,2025-12-01,,,", "row 2, right_record_key: expected a record key"),
        ("force,crm:1,crm:2,,li,2025-12-01,,,", "row 2, reason: expected why it was decided so, found nothing"),
        ("force,crm:1,crm:2,r,,2025-12-01,,,", "row 2, decided_by: expected who decided it, found nothing"),
        ("force,crm:1,crm:2,r,li,,,,", "row 2, decided_at: expected the day of the decision, found nothing"),
        ("force,crm:1,crm:2,r,li,2025-13-01,,,", "row 2, decided_at: expected a time such as"),
        ("force,crm:1,crm:2,r,li,2025-12-01,soon,,", "row 2, until: expected a date such as 2025-12-31, found 'soon'"),
        ("force,crm:1,crm:2,r,li,2025-12-01,2025-02-30,,", "row 2, until: expected a date"),
        ("force,crm:1,crm:2,r,li,2025-12-01,,li,gone", "row 2, revoked_at: expected a time such as"),
        ("force,crm:1,crm:2,r,li,2025-12-01", "row 2: expected 9 cells, found 6"),
        ("force,crm:1,crm:2,a,b,li,2025-12-01,,wang,2025-12-02", "row 2: expected 9 cells, found 10"),
    ],
)
def test_a_bad_cell_is_named_by_file_row_and_column(write_csv: WriteCsv, row: str, said: str) -> None:
    path = write_csv("merge_overrides.csv", HEADER, row)
    before = path.read_bytes()
    with pytest.raises(BadInput) as raised:
        read_overrides(path.parent)
    assert f"{path}: {said}" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no CSV file (the file is empty)"),
        (b"decision,left\n", "row 1: expected the header decision,left_record_key"),
        (HEADER.replace(",", ";").encode(), "row 1: expected the header decision,left_record_key"),
        (HEADER.encode() + b"\nforce,crm:\xff\xff,", "is no CSV file"),
        (HEADER.encode() + b"\nforce,\0,", "is no CSV file"),
        (b"PK\x03\x04" + b"x" * 99, "is a ZIP or XLSX file"),
        (HEADER.encode() + b'\nforce,"crm:1', "is no CSV file"),
    ],
)
def test_what_is_no_such_file_is_refused_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = overrides.file_of(tmp_path)
    path.write_bytes(content)
    with pytest.raises(BadInput) as raised:
        read_overrides(tmp_path)
    assert str(raised.value).startswith(f"{path}: ")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_without_a_file_nothing_is_decided(tmp_path: Path) -> None:
    assert read_overrides(tmp_path) == []


def test_what_is_written_is_read_again_and_opens_in_a_spreadsheet(tmp_path: Path) -> None:
    rows = [
        force("app:1", "crm:1", until=date(2026, 1, 1)),
        replace(never("app:2", "crm:1"), reason='说“不是”, "两个人"\n隔壁', revoked_by="wang", revoked_at=AT),
    ]
    overrides.write_overrides(tmp_path, rows)
    assert [replace(row, row=0) for row in read_overrides(tmp_path)] == rows
    assert overrides.file_of(tmp_path).read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_decision_holds_through_its_last_day_and_until_it_is_revoked() -> None:
    row = force("crm:1", "crm:2", until=DAY)
    assert row.is_in_force(DAY)
    assert row.is_in_force(None)
    assert not row.is_in_force(date(2025, 12, 3))
    assert not replace(row, revoked_at=AT).is_in_force(DAY)
    assert not replace(row, revoked_by="wang").is_in_force(DAY)


def test_of_several_rows_of_a_pair_the_last_one_in_force_counts() -> None:
    first, second = force("crm:1", "crm:2"), force("crm:1", "crm:2", until=DAY)
    assert in_force([first, second], DAY) == {("crm:1", "crm:2"): second}
    assert in_force([first, second], date(2025, 12, 3)) == {("crm:1", "crm:2"): first}


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        ([force("crm:1", "crm:2", row=2), never("crm:1", "crm:2", row=3)], ["row 3 keeps", "row 2 (crm:1 crm:2)"]),
        (
            [
                force("crm:1", "crm:2", row=2),
                force("crm:8", "crm:9", row=3),
                force("crm:2", "crm:3", row=4),
                never("crm:1", "crm:3", row=5),
            ],
            ["row 5 keeps crm:1 and crm:3 apart", "by row 2 (crm:1 crm:2), row 4 (crm:2 crm:3);", "liucun revoke"],
        ),
        ([force("crm:1", "erp:2", row=2)], ["row 2, right_record_key: expected a record of crm, app, found 'erp:2'"]),
        ([force("crm:1", "crm:1", row=2)], ["row 2, right_record_key: expected another record", "'crm:1' in both"]),
    ],
)
def test_what_cannot_all_hold_is_refused_in_one_line_that_names_the_rows(
    rows: list[Override], parts: list[str]
) -> None:
    with pytest.raises(BadInput) as raised:
        check(rows, DAY, SOURCES, PATH)
    assert [part for part in parts if part not in str(raised.value)] == []
    assert "\n" not in str(raised.value)
    assert raised.value.exit_code == 3


def test_what_is_over_or_revoked_contradicts_nothing() -> None:
    check([force("crm:1", "crm:2", until=date(2025, 12, 1)), never("crm:1", "crm:2")], DAY, SOURCES, PATH)
    check([force("erp:1", "erp:1", revoked_at=AT)], DAY, SOURCES, PATH)


def test_what_had_run_out_before_the_other_was_decided_contradicts_it_on_no_past_day() -> None:
    day, later = date(2025, 11, 20), datetime(2025, 12, 10, tzinfo=UTC)
    over = force("crm:1", "crm:2", until=date(2025, 12, 5))
    after = never("crm:1", "crm:2")
    rows = [over, force("crm:2", "crm:3"), replace(after, decided_at=later)]
    check(rows, day, SOURCES, PATH)
    assert in_force(rows, day)["crm:1", "crm:2"].decision == "never"
    check([replace(after, until=date(2025, 12, 5)), replace(over, until=None, decided_at=later)], day, SOURCES, PATH)
    # While it was in force the other contradicts it.
    with pytest.raises(BadInput):
        check([over, after], day, SOURCES, PATH)


def test_a_ring_of_forces_is_no_contradiction() -> None:
    ring = [force("crm:1", "crm:2"), force("crm:2", "crm:3"), force("crm:1", "crm:3"), never("crm:1", "crm:4")]
    check(ring, DAY, SOURCES, PATH)


KEYS = [f"crm:{number}" for number in range(7)]
ROWS = st.lists(st.tuples(st.booleans(), st.sampled_from(KEYS), st.sampled_from(KEYS)), max_size=14).map(
    lambda rows: [(force if forced else never)(min(pair), max(pair)) for forced, *pair in rows if pair[0] != pair[1]]
)


@settings(max_examples=300)
@given(rows=ROWS)
def test_a_contradiction_is_found_just_when_forces_tie_what_a_never_keeps_apart(rows: list[Override]) -> None:
    groups = [{key} for key in KEYS]
    for row in rows:
        if row.decision == "force":
            tied = [group for group in groups if group & {row.left, row.right}]
            groups = [group for group in groups if group not in tied] + [set().union(*tied)]
    torn = [row for row in rows if row.decision == "never" and any({row.left, row.right} <= group for group in groups)]

    found = contradiction(rows)
    assert bool(found) == bool(torn)
    if found:
        row, chain = found
        assert row == torn[0]
        # The chain leads from one of its records to the other, step by step.
        at = row.left
        for step in chain:
            assert step.decision == "force"
            assert at in step.pair
            at = step.right if step.left == at else step.left
        assert at == row.right


def test_records_that_nobody_has_seen_are_named_in_one_line() -> None:
    rows = in_force([force("crm:1", "crm:2"), never("crm:1", "crm:3")], DAY)
    assert overrides.missing(rows, {"crm:1", "crm:2", "crm:3"}, PATH) is None
    line = overrides.missing(rows, {"crm:1"}, PATH)
    assert line == (
        "merge_overrides.csv: no load has brought these records yet, so what was decided about them waits: crm:2, crm:3"
    )
    many = in_force([force("crm:1", f"crm:{number}") for number in range(100, 160)], DAY)
    assert str(overrides.missing(many, {"crm:1"}, PATH)).endswith("crm:119 and 40 more")
