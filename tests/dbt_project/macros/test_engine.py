"""Each engine difference has one macro, whose result is fixed whatever engine it is written for."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

Run = Callable[..., Any]

DAYS = st.dates(date(1900, 1, 1), date(2200, 1, 1))
SHANGHAI = "'Asia/Shanghai'"


def test_a_pattern_is_found_anywhere_and_null_stays_null(run: Run, macros: SimpleNamespace) -> None:
    assert run(macros.regexp_matches("cell", "[0-9]{2}"), "a12b") is True
    assert run(macros.regexp_matches("cell", "^[0-9]{2}$"), "a12b") is False
    assert run(macros.regexp_matches("cell", "[0-9]"), None) is None


def test_every_match_is_replaced_and_not_only_the_first(run: Run, macros: SimpleNamespace) -> None:
    assert run(macros.regexp_replace_all("cell", "[0-9]", "*"), "a1b2") == "a*b*"


def test_a_group_that_is_not_found_is_null_and_not_an_empty_text(run: Run, macros: SimpleNamespace) -> None:
    assert run(macros.regexp_extract("cell", "([a-z]+)([0-9]+)", 2), "ab12") == "12"
    assert run(macros.regexp_extract("cell", "[0-9]+", 0), "ab12") == "12"
    assert run(macros.regexp_extract("cell", "([0-9]+)"), "ab") is None


def test_md5_is_that_of_the_utf_8_bytes(run: Run, macros: SimpleNamespace) -> None:
    assert run(macros.md5_text("cell"), "客户") == hashlib.md5("客户".encode()).hexdigest()


def test_parts_of_a_text_are_split_at_a_plain_separator(run: Run, macros: SimpleNamespace) -> None:
    assert run(macros.split_text("cell", "."), "a.b.c") == ["a", "b", "c"]


def test_blanks_of_any_script_go_at_the_ends_only_and_a_word_alone_counts_as_blank(
    run: Run, macros: SimpleNamespace
) -> None:
    plain, words = macros.strip_blanks("cell"), macros.strip_blanks("cell", "NULL|N/A")

    assert [run(plain, cell) for cell in ["\ufeff\u3000a b\u00a0\n", "NULL", " ", None]] == ["a b", "NULL", "", None]
    assert [run(words, cell) for cell in [" NULL\u3000", "N/A", "NULL x", " x NULL"]] == ["", "", "NULL x", "x NULL"]


def test_a_word_is_the_whole_text_whatever_the_blanks_around_it(run: Run, macros: SimpleNamespace) -> None:
    word = macros.is_word("cell", "in|out|[(]in[)]|" + macros.pattern_backslash() + "N")

    assert [run(word, cell) for cell in ["in", "\u3000out\t", "(in)", "\\N"]] == [True] * 4
    assert [run(word, cell) for cell in ["into", "in out", "IN", "N", "", None]] == [False] * 5 + [None]


def test_a_value_is_bound_to_a_name_also_where_it_is_null_or_uses_the_same_name(
    run: Run, macros: SimpleNamespace
) -> None:
    twice = macros.with_value("lower(cell)", "word", "coalesce(word, 'none') || coalesce(word, '')")
    nested = macros.with_value("cell || '1'", "word", macros.with_value("word || '2'", "word", "word || '3'"))

    assert [run(twice, cell) for cell in ["A", None]] == ["aa", "none"]
    assert run(nested, "x") == "x123"


def test_a_cast_that_fails_gives_null(run: Run, macros: SimpleNamespace) -> None:
    assert run(macros.try_cast("cell", "integer"), "x") is None
    assert run(macros.try_cast("cell", "integer"), "7") == 7


def test_a_format_that_does_not_fit_gives_null(run: Run, macros: SimpleNamespace) -> None:
    parsed = macros.parse_timestamp("cell", "%d.%m.%Y %H:%M")

    assert run(parsed, "02.01.2025 03:04") == datetime(2025, 1, 2, 3, 4)
    assert run(parsed, "2025-01-02") is None


def test_epoch_milliseconds_keep_their_milliseconds(run: Run, macros: SimpleNamespace) -> None:
    assert run(macros.from_epoch_ms("1735830245678")) == datetime(2025, 1, 2, 15, 4, 5, 678000)
    assert run(macros.from_epoch_ms("-1")) == datetime(1969, 12, 31, 23, 59, 59, 999000)


def test_a_zone_may_be_an_expression_and_knows_its_summer_time(run: Run, macros: SimpleNamespace) -> None:
    winter, summer = "timestamp '2025-01-02 12:00:00'", "timestamp '2025-07-02 12:00:00'"

    assert run(macros.in_time_zone(winter, "cell"), "America/New_York") == datetime(2025, 1, 2, 7)
    assert run(macros.in_time_zone(summer, "cell"), "America/New_York") == datetime(2025, 7, 2, 8)
    assert run(macros.local_to_utc(summer, "cell"), "America/New_York") == datetime(2025, 7, 2, 16)
    assert run(macros.local_to_utc(summer, SHANGHAI)) == datetime(2025, 7, 2, 4)
    assert run(macros.in_time_zone(summer, "'UTC'")) == datetime(2025, 7, 2, 12)


@settings(deadline=None)
@given(moment=st.datetimes(datetime(1995, 1, 1), datetime(2100, 1, 1)))
def test_local_time_and_back_is_the_same_instant(run: Run, macros: SimpleNamespace, moment: datetime) -> None:
    there = macros.in_time_zone(f"timestamp '{moment}'", SHANGHAI)

    assert run(there) == moment + timedelta(hours=8)
    assert run(macros.local_to_utc(there, SHANGHAI)) == moment


@settings(deadline=None)
@given(start=DAYS, end=DAYS)
def test_days_between_and_days_added_undo_each_other(run: Run, macros: SimpleNamespace, start: date, end: date) -> None:
    between = macros.date_diff_days(f"date '{start}'", f"date '{end}'")

    assert run(between) == (end - start).days
    assert run(macros.add_days(f"date '{start}'", between)) == end
    assert run(f"typeof({macros.add_days(f'''date '{start}' ''', 1)})") == "DATE"


@settings(deadline=None)
@given(day=DAYS)
def test_a_month_has_a_number_and_the_number_a_month(run: Run, macros: SimpleNamespace, day: date) -> None:
    index = macros.month_index(f"date '{day}'")

    assert run(index) == day.year * 12 + day.month
    assert run(macros.month_of_index(index)) == day.replace(day=1)
    assert run(macros.period_start("month", f"date '{day}'")) == day.replace(day=1)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2025-01-31", 1, date(2025, 2, 28)),
        ("2024-01-31", 1, date(2024, 2, 29)),
        ("2025-03-31", -1, date(2025, 2, 28)),
        ("2025-11-15", 14, date(2027, 1, 15)),
    ],
)
def test_a_day_that_the_month_lacks_becomes_its_last(
    run: Run, macros: SimpleNamespace, day: str, months: int, expected: date
) -> None:
    assert run(macros.add_months(f"date '{day}'", months)) == expected


@pytest.mark.parametrize(
    ("grain", "expected"),
    [
        ("week", date(2025, 5, 12)),
        ("month", date(2025, 5, 1)),
        ("quarter", date(2025, 4, 1)),
        ("year", date(2025, 1, 1)),
    ],
)
def test_a_week_starts_on_monday_and_other_periods_on_their_first_day(
    run: Run, macros: SimpleNamespace, grain: str, expected: date
) -> None:
    assert run(macros.period_start(grain, "date '2025-05-18'")) == expected


def test_each_day_of_a_range_is_listed_with_both_ends(macros: SimpleNamespace) -> None:
    days = macros.each_day("date '2024-02-28'", "date '2024-03-01'")

    assert duckdb.sql(f"select {days}").fetchall() == [(date(2024, 2, 28),), (date(2024, 2, 29),), (date(2024, 3, 1),)]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('{"a b": "x"}', "x"),
        ('{"a b": 1.50}', "1.5"),
        ('{"a b": null}', None),
        ("{}", None),
        ("no json", None),
        (None, None),
    ],
)
def test_a_key_of_an_object_is_read_as_text(run: Run, macros: SimpleNamespace, cell: str, expected: str) -> None:
    assert run(macros.json_text("cell", "a b"), cell) == expected


def test_a_percentile_lies_between_its_neighbours_and_leaves_nulls_out(macros: SimpleNamespace) -> None:
    query = f"select {macros.percentile_of('n', 0.9)} from (values (1), (2), (null), (3)) as t(n)"
    assert duckdb.sql(query).fetchall() == [(pytest.approx(2.8),)]


def test_distinct_texts_are_joined_in_order(macros: SimpleNamespace) -> None:
    query = f"select {macros.join_distinct('word', '; ')} from (values ('b'), ('a'), (null), ('b')) as t(word)"

    assert duckdb.sql(query).fetchall() == [("a; b",)]
