"""What a steward decides is written whole or not at all, and says what the next run will make of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.errors import BadInput
from orchestration.stewards import labels, overrides
from orchestration.stewards.decide import Command, Decision, decide, label
from orchestration.stewards.labels import Label, read_labels, write_labels
from orchestration.stewards.overrides import in_force, read_overrides
from orchestration.stewards.people import People

AT = datetime(2025, 12, 2, 9, tzinfo=UTC)
DAY = date(2025, 12, 2)
PEOPLE = People({"crm:1": "C12", "app:7": "C12", "crm:2": "C3", "crm:3": "C3", "crm:4": "C7", "crm:5": "C12"})
WriteCsv = Callable[..., Path]


def said(folder: Path, command: Command, left: str, right: str, because: str = "same voice", **more: Any) -> str:
    asked = Decision(command, left, right, because, "li", AT, **more)
    return "\n".join(decide(folder, asked, PEOPLE, ("crm", "app"), DAY))


def standing(folder: Path) -> dict[tuple[str, str], str]:
    return {pair: row.decision for pair, row in in_force(read_overrides(folder), DAY).items()}


def test_merge_writes_a_force_and_tells_which_customers_become_one(tmp_path: Path) -> None:
    out = said(tmp_path, "merge", "crm:4", "crm:2", until=date(2026, 1, 31))
    assert "crm:2 and crm:4 will be one customer" in out
    assert "C3 (2 records) and C7 (1 record) become C3" in out
    assert "up to 2026-01-31" in out
    (row,) = read_overrides(tmp_path)
    assert (row.decision, *row.pair, row.reason, row.decided_by, row.decided_at, row.until) == (
        *("force", "crm:2", "crm:4", "same voice", "li", AT, date(2026, 1, 31)),
    )


def test_of_two_equal_customers_the_older_id_is_kept(tmp_path: Path) -> None:
    people = People({"crm:1": "C12", "crm:2": "C3"})
    lines = decide(tmp_path, Decision("merge", "crm:1", "crm:2", "r", "li", AT), people, ("crm",), None)
    assert "become C3" in lines[0]


def test_a_customer_id_stands_for_its_smallest_record_key(tmp_path: Path) -> None:
    said(tmp_path, "merge", "C12", " C7 ")
    assert standing(tmp_path) == {("app:7", "crm:4"): "force"}


def test_merging_what_is_one_already_keeps_it_so(tmp_path: Path) -> None:
    assert "one customer already and stay so: C12 (3 records)" in said(tmp_path, "merge", "crm:1", "crm:5")
    assert standing(tmp_path) == {("crm:1", "crm:5"): "force"}


def test_split_writes_a_never_and_tells_what_becomes_of_the_customer(tmp_path: Path) -> None:
    out = said(tmp_path, "split", "crm:5", "crm:1")
    assert "crm:1 and crm:5 will be two customers; now they are C12 (3 records)" in out
    assert standing(tmp_path) == {("crm:1", "crm:5"): "never"}
    assert "two customers already and stay so" in said(tmp_path, "split", "crm:1", "crm:2")


def test_revoke_marks_the_row_and_takes_nothing_out(tmp_path: Path) -> None:
    said(tmp_path, "merge", "crm:1", "crm:2")
    assert "force between crm:1 and crm:2 is revoked" in said(tmp_path, "revoke", "crm:2", "crm:1", "another voice")
    (row,) = read_overrides(tmp_path)
    assert (row.revoked_by, row.revoked_at) == ("li", AT)
    assert row.reason == "same voice (revoked: another voice)"
    assert standing(tmp_path) == {}


def test_revoke_reaches_records_that_are_gone(write_csv: WriteCsv) -> None:
    path = write_csv(
        "merge_overrides.csv", ",".join(overrides.COLUMNS), "never,crm:98,crm:99,r,li,2025-11-01,,,", encoding="gb18030"
    )
    said(path.parent, "revoke", "crm:98", "crm:99")
    assert standing(path.parent) == {}


@pytest.mark.parametrize(
    ("command", "left", "right", "because", "more", "parts"),
    [
        ("merge", "crm:1", "crm:99", "r", {}, ["merge crm:99", "no run has seen this record"]),
        ("merge", "crm:1", "C99", "r", {}, ["C99", "no customer C99"]),
        ("merge", "crm:1", "1001", "r", {}, ["expected a record (source:id) or a customer id", "'1001'"]),
        ("merge", "C12", "crm:5", " ", {}, ["expected a reason (--because)"]),
        ("merge", "C12", "app:7", "r", {}, ["app:7 is one record: expected two"]),
        ("merge", "crm:1", "crm:2", "r", {"until": date(2025, 12, 1)}, ["--until 2025-12-01", "2025-12-02"]),
        ("split", "crm:1", "C3", "r", {}, ["split: expected two records", "liucun why"]),
        ("revoke", "crm:1", "crm:2", "r", {}, ["nothing is in force between", "row 2 (force crm:1 crm:4)"]),
        ("merge", "crm:1", "crm:4", "r", {}, ["row 2 of", "says so already until 2025-12-31", "liucun revoke"]),
        ("split", "crm:4", "crm:1", "r", {}, ["this decision keeps crm:1 and crm:4 apart", "row 2 (crm:1 crm:4)"]),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line_and_leaves_the_file_alone(
    write_csv: WriteCsv,
    command: Command,
    left: str,
    right: str,
    because: str,
    more: dict[str, Any],
    parts: list[str],
) -> None:
    path = write_csv(
        "merge_overrides.csv", ",".join(overrides.COLUMNS), "force,crm:1,crm:4,r,li,2025-11-01,2025-12-31,,"
    )
    before = path.read_bytes()
    with pytest.raises(BadInput) as raised:
        said(path.parent, command, left, right, because, **more)
    assert [part for part in parts if part not in str(raised.value)] == []
    assert "\n" not in str(raised.value)
    assert path.read_bytes() == before


Step = tuple[Literal["merge", "split", "revoke"], str, str]
KEYS = ["crm:1", "crm:2", "crm:3", "crm:4"]
STEPS = st.lists(
    st.tuples(st.sampled_from(["merge", "split", "revoke"]), st.sampled_from(KEYS), st.sampled_from(KEYS)), max_size=10
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_decided_in_whatever_order_no_row_is_lost_and_nothing_contradicts(
    tmp_path: Path, steps: list[Step]
) -> None:
    overrides.file_of(tmp_path).unlink(missing_ok=True)
    expected: dict[tuple[str, str], str] = {}
    for number, (command, left, right) in enumerate(steps):
        before = [replace(row, row=0) for row in read_overrides(tmp_path)]
        pair, at = (min(left, right), max(left, right)), AT + timedelta(minutes=number)
        try:
            decide(tmp_path, Decision(command, left, right, "r", "li", at), PEOPLE, ("crm", "app"), DAY)
        except BadInput:
            assert [replace(row, row=0) for row in read_overrides(tmp_path)] == before
            continue
        if command == "revoke":
            del expected[pair]
        else:
            expected[pair] = {"merge": "force", "split": "never"}[command]
        after = read_overrides(tmp_path)
        assert standing(tmp_path) == expected
        overrides.check(after, DAY, ("crm", "app"), overrides.file_of(tmp_path))
        for old, new in zip(before, after, strict=False):
            gone = ("reason", "revoked_by", "revoked_at", "row")
            assert replace(new, **{name: getattr(old, name) for name in gone}) == old
            assert new.reason.startswith(old.reason)
        assert len(after) == len(before) + (command != "revoke")


def test_force_then_never_then_revoke_comes_back_to_where_it_began(tmp_path: Path) -> None:
    said(tmp_path, "merge", "crm:1", "crm:2")
    with pytest.raises(BadInput, match="revoke one of these"):
        said(tmp_path, "split", "crm:1", "crm:2")
    said(tmp_path, "revoke", "crm:1", "crm:2")
    said(tmp_path, "split", "crm:1", "crm:2")
    assert standing(tmp_path) == {("crm:1", "crm:2"): "never"}
    said(tmp_path, "revoke", "crm:1", "crm:2")
    assert standing(tmp_path) == {}
    assert [(row.decision, row.revoked_at) for row in read_overrides(tmp_path)] == [("force", AT), ("never", AT)]


DRAWN = [Label("app:7", "crm:1", "auto", 400, 9.25), Label("crm:2", "crm:3", "below", 90_000, -3.5)]


def test_a_label_is_written_beside_its_pair_and_the_others_stay(tmp_path: Path) -> None:
    write_labels(tmp_path, DRAWN)
    assert "1 of 2 drawn pairs wait" in label(tmp_path, "crm:1", "app:7", "YES", "li", AT)[0]
    assert read_labels(tmp_path) == [
        replace(DRAWN[0], is_same=True, labelled_by="li", labelled_at=AT),
        DRAWN[1],
    ]
    label(tmp_path, "app:7", "crm:1", "no", "wang", AT)
    assert read_labels(tmp_path)[0].is_same is False


def test_a_pair_that_was_not_drawn_is_not_labelled(tmp_path: Path) -> None:
    write_labels(tmp_path, DRAWN)
    with pytest.raises(BadInput, match="were not drawn into"):
        label(tmp_path, "crm:1", "crm:2", "yes", "li", AT)
    with pytest.raises(BadInput, match="expected yes or no, found 'perhaps'"):
        label(tmp_path, "app:7", "crm:1", "perhaps", "li", AT)
    assert read_labels(tmp_path) == DRAWN


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        ("crm:1,crm:2,great,9,1.5,,,", ["row 2, band: expected exact or auto or review or below, found 'great'"]),
        ("crm:1,crm:2,auto,many,1.5,,,", ["row 2, pair_count_of_band: expected a whole number from 1"]),
        ("crm:1,crm:2,auto,9,heavy,,,", ["row 2, weight: expected a number, found 'heavy'"]),
        ("crm:1,crm:2,auto,9,1.5,maybe,,", ["row 2, is_same: expected yes, no or nothing, found 'maybe'"]),
        ("crm:1,crm:1,auto,9,1.5,,,", ["row 2, right_record_key: expected another record"]),
        ("crm:3,crm:2,auto,9,1.5,,,\r\ncrm:2,crm:3,auto,9,1.5,,,", ["row 3", "stands once", "take one"]),
    ],
)
def test_a_label_that_cannot_be_used_is_named_by_row_and_column(
    write_csv: WriteCsv, row: str, parts: list[str]
) -> None:
    path = write_csv("match_labels.csv", ",".join(labels.COLUMNS), row)
    with pytest.raises(BadInput) as raised:
        read_labels(path.parent)
    assert [part for part in parts if part not in str(raised.value)] == []


@pytest.mark.parametrize(("word", "is_same"), [("是", True), ("TRUE", True), ("1", True), ("否", False), ("N", False)])
def test_a_label_may_be_filled_in_as_people_do_it(write_csv: WriteCsv, word: str, is_same: bool) -> None:
    row = f"crm:2,crm:1,exact,9,,{word},李,2025/12/1"
    path = write_csv("match_labels.csv", ",".join(labels.COLUMNS), row, encoding="gb18030")
    (found,) = read_labels(path.parent)
    assert (found.pair, found.is_same, found.weight, found.labelled_by) == (("crm:1", "crm:2"), is_same, None, "李")
