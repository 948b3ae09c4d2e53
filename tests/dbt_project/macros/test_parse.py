"""Raw text becomes a typed value, or NULL: never a guess."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

Run = Callable[..., Any]

AFTERNOON = datetime(2025, 1, 2, 15, 4, 5)
SHANGHAI_MIDNIGHT = datetime(2025, 1, 1, 16)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2025-01-02 15:04:05", AFTERNOON),
        ("2025-01-02T15:04:05", AFTERNOON),
        ("2025-01-02T15:04:05Z", AFTERNOON),
        ("2025-01-02T15:04:05.250Z", AFTERNOON + timedelta(milliseconds=250)),
        ("2025-01-02 15:04:05.25", AFTERNOON + timedelta(milliseconds=250)),
        ("2025-01-02T23:04:05+08:00", AFTERNOON),
        ("2025-01-02T23:04:05+0800", AFTERNOON),
        ("2025-01-02 10:04:05 -05:00", AFTERNOON),
        ("2025/1/2 15:04", AFTERNOON.replace(second=0)),
        ("2025/1/2 3:04", datetime(2025, 1, 2, 3, 4)),
        ("2025年1月2日 15:04:05", AFTERNOON),
        ("２０２５／１／２　１５：０４：０５", AFTERNOON),
        ("  2025-01-02 15:04:05\t", AFTERNOON),
        ("1735830245000", AFTERNOON),
        ("1735830245", AFTERNOON),
        ("45659.5", datetime(2025, 1, 2, 12)),
        ("45659.627835648", AFTERNOON),
    ],
)
def test_a_stamp_of_every_known_shape_is_the_same_instant(
    run: Run, macros: SimpleNamespace, cell: str, expected: datetime
) -> None:
    found = run(macros.to_utc_timestamp("cell", "UTC"), cell)

    assert abs(found - expected) <= timedelta(milliseconds=1 if "45659.6" in cell else 0)


@pytest.mark.parametrize(
    "cell", ["2025-01-02", "2025/1/2", "2025年1月2日", "20250102", "45659", "45659.0", " 2025-01-02 "]
)
def test_a_bare_date_keeps_its_business_date_whatever_the_zone_of_the_stamps(
    run: Run, macros: SimpleNamespace, cell: str
) -> None:
    for zone in ("UTC", "America/New_York", None):
        stamp = macros.to_utc_timestamp("cell", zone)
        assert run(stamp, cell) == SHANGHAI_MIDNIGHT
        assert run(f"cast({macros.in_time_zone(stamp, chr(39) + 'Asia/Shanghai' + chr(39))} as date)", cell) == date(
            2025, 1, 2
        )


def test_a_stamp_without_an_offset_is_in_the_zone_that_the_model_names(run: Run, macros: SimpleNamespace) -> None:
    cells = ["2025-01-02 15:04:05", "2025/1/2 15:04:05", "2025年1月2日 15:04:05"]

    for cell in cells:
        assert run(macros.to_utc_timestamp("cell", "UTC"), cell) == AFTERNOON
        assert run(macros.to_utc_timestamp("cell"), cell) == AFTERNOON - timedelta(hours=8)
        assert run(macros.to_utc_timestamp("cell", "America/New_York"), cell) == AFTERNOON + timedelta(hours=5)


def test_a_stamp_that_carries_its_zone_does_not_take_that_of_the_model(run: Run, macros: SimpleNamespace) -> None:
    for cell in ["2025-01-02T15:04:05Z", "2025-01-02T16:04:05+01:00", "1735830245000", "1735830245"]:
        assert run(macros.to_utc_timestamp("cell", "America/New_York"), cell) == AFTERNOON


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2025-01-02", date(2025, 1, 2)),
        ("2025/1/2", date(2025, 1, 2)),
        ("2025年1月2日", date(2025, 1, 2)),
        ("20250102", date(2025, 1, 2)),
        ("45659", date(2025, 1, 2)),
        ("45659.99", date(2025, 1, 2)),
        ("2025-01-02 23:59:59", date(2025, 1, 2)),
        ("2025/1/2 23:59", date(2025, 1, 2)),
        ("2025-01-01T16:00:00Z", date(2025, 1, 2)),
        ("2025-01-01T15:59:59Z", date(2025, 1, 1)),
        ("2025-01-01T11:00:00-05:00", date(2025, 1, 2)),
        ("1735747200000", date(2025, 1, 2)),
        ("631123200000", date(1990, 1, 1)),
        ("-157795200000", date(1965, 1, 1)),
        ("68140800000", date(1972, 2, 29)),
        ("15004800000", date(1970, 6, 24)),
        ("-2534400000", date(1969, 12, 3)),
        ("-31564800000", date(1969, 1, 1)),
    ],
)
def test_a_date_is_the_local_business_date_of_what_was_written(
    run: Run, macros: SimpleNamespace, cell: str, expected: date
) -> None:
    assert run(macros.to_date("cell"), cell) == expected


@pytest.mark.parametrize(
    "cell",
    [
        None, "", " ", "NULL", "2025-02-30", "2025-13-01", "2025-02-30 10:00:00", "2025-02-30T10:00:00Z",
        "2025-01-02 25:00:00", "01/02/2025", "1/2/25", "2025", "2025-01", "13800138000", "1.38E+10", "20251301",
        "123456789", "12340101", "4565", "infinity", "-infinity", "epoch", "now", "today", "2025-01-02 (BC)",
        "2025-01-02 Asia/Shanghai", "2025-01-02 15:04:05 Asia/Shanghai", "0000-00-00", "张三",
        "68140800001", "-315360000",
    ],
)  # fmt: skip
def test_what_is_no_date_gives_null_as_date_and_as_timestamp(run: Run, macros: SimpleNamespace, cell: str) -> None:
    assert run(macros.to_date("cell"), cell) is None
    assert run(macros.to_utc_timestamp("cell", "UTC"), cell) is None
    assert run(macros.to_utc_timestamp("cell"), cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "1970-01-01", "1970-01-01 08:00:00", "1970-01-01T00:00:00Z", "1970-01-01T08:00:00+08:00", "1970/1/1 0:00",
        "1970年1月1日", "19700101", "25569", "1900-01-01 00:00:00", "1899-12-30", "0001-01-01 00:00:00", "0000000000",
        "-28800000", "-62135596800000", "1969-12-31T16:00:00Z", "1989-12-31T23:59:59Z",
        "0202-03-01", "0202-03-01 10:00:00", "0202年3月1日", "1025/1/2 10:00", "1025-01-02T10:00:00+08:00",
    ],
)  # fmt: skip
def test_a_stamp_before_1990_stands_for_no_date_and_is_null(run: Run, macros: SimpleNamespace, cell: str) -> None:
    assert run(macros.to_utc_timestamp("cell", "UTC"), cell) is None
    assert run(macros.to_utc_timestamp("cell"), cell) is None


def test_a_date_of_birth_before_1990_is_one(run: Run, macros: SimpleNamespace) -> None:
    assert run(macros.to_date("cell"), "1970-01-01") == date(1970, 1, 1)
    assert run(macros.to_date("cell"), "1954-03-02 00:00:00") == date(1954, 3, 2)


# Shanghai moved its clocks until 1991. A busy machine is no failure: no deadline.
@settings(deadline=None)
@given(moment=st.datetimes(datetime(1992, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0)))
def test_all_writings_of_one_moment_give_one_instant_and_one_local_date(
    run: Run, macros: SimpleNamespace, moment: datetime
) -> None:
    local = moment + timedelta(hours=8)
    stamp, day = macros.to_utc_timestamp("cell"), macros.to_date("cell")
    writings = [
        f"{local:%Y-%m-%d %H:%M:%S}",
        f"{local.year}/{local.month}/{local.day} {local.hour}:{local:%M:%S}",
        f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        f"{local:%Y-%m-%dT%H:%M:%S+08:00}",
    ]

    assert {run(stamp, text) for text in writings} == {moment}
    assert {run(day, text) for text in writings} == {local.date()}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1200.5", "1200.50"),
        ("-3", "-3.00"),
        ("+3", "3.00"),
        ("¥1,200.50", "1200.50"),
        ("￥ 1,200.50", "1200.50"),
        ("$12", "12.00"),
        ("￥１，２００．５０", "1200.50"),
        ("1,234,567", "1234567.00"),
        ("12元", "12.00"),
        ("(12.00)", "-12.00"),
        ("¥(12.00)", "-12.00"),
        ("(¥1,200)", "-1200.00"),
        ("12.00-", "-12.00"),
        ("-¥5", "-5.00"),
        ("¥-5", "-5.00"),
        (" 7 ", "7.00"),
        (".5", "0.50"),
        ("12.345", "12.35"),
        ("-12.345", "-12.35"),
        ("-1.7763568394002505e-15", "0.00"),
    ],
)
def test_money_is_read_as_people_write_it(run: Run, macros: SimpleNamespace, cell: str, expected: str) -> None:
    assert run(macros.to_decimal("cell"), cell) == Decimal(expected)


@pytest.mark.parametrize(
    "cell",
    [
        None, "", "N/A", "1,2000", "12,50", "1.200,50", "1.2E+07", "1e3", "--5", "-(5)", "(5", "5)", "1_000", "0x1F",
        "NaN", "inf", "30%", "12 34", "1¥2", "12.3.4", "¥", "-", "99999999999999999.99", "一百",
    ],
)  # fmt: skip
def test_what_is_no_amount_gives_null(run: Run, macros: SimpleNamespace, cell: str) -> None:
    assert run(macros.to_decimal("cell"), cell) is None


def test_a_decimal_has_the_precision_and_scale_that_the_model_asks_for(run: Run, macros: SimpleNamespace) -> None:
    assert run(f"typeof({macros.to_decimal('cell', 9, 4)})", "1") == "DECIMAL(9,4)"
    assert run(macros.to_decimal("cell", 9, 4), "(0.12345)") == Decimal("-0.1235")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("12", 12), ("-12", -12), ("12.0", 12), ("1,200", 1200), ("(12)", -12), (" 7", 7), ("007", 7)],
)
def test_a_whole_number_is_read_whatever_its_writing(
    run: Run, macros: SimpleNamespace, cell: str, expected: int
) -> None:
    assert run(macros.to_integer("cell"), cell) == expected


@pytest.mark.parametrize("cell", [None, "", "12.7", "2.5", "1E3", "1_0", "0x1F", "99999999999999999999", "十二"])
def test_a_number_that_is_not_whole_is_null_and_not_rounded(run: Run, macros: SimpleNamespace, cell: str) -> None:
    assert run(macros.to_integer("cell"), cell) is None


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["true", "TRUE", "True", "1", "yes", "Y", "t", "是", " 是 "], True),
        (["false", "FALSE", "0", "no", "N", "f", "否"], False),
        ([None, "", "2", "-1", "maybe", "是否", "NULL"], None),
    ],
)
def test_a_truth_value_is_read_from_its_words_only(
    run: Run, macros: SimpleNamespace, cells: list[str], expected: bool | None
) -> None:
    assert [run(macros.to_boolean("cell"), cell) for cell in cells] == [expected] * len(cells)


@pytest.mark.parametrize(
    "cell",
    [None, "", "  ", "　", "\t", "NULL", "null", "\\N", "N/A", "#N/A", "nan", "NaN", "None", "-None-", "-", "--",
     " NULL　"],
)  # fmt: skip
def test_a_text_that_means_nothing_is_null(run: Run, macros: SimpleNamespace, cell: str | None) -> None:
    assert run(macros.to_text("cell"), cell) is None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("张三", "张三"),
        ("　张 三 \r\n", "张 三"),
        ("\ufeff\u00a0x\u200b", "x"),
        ("Null", "Null"),
        ("Nan", "Nan"),
        ("-5", "-5"),
        ("０１", "０１"),
        ("无", "无"),
    ],
)
def test_a_text_loses_only_the_blanks_at_its_ends(run: Run, macros: SimpleNamespace, cell: str, expected: str) -> None:
    assert run(macros.to_text("cell"), cell) == expected


def test_a_choice_is_one_of_the_allowed_words_in_lower_case_or_null(run: Run, macros: SimpleNamespace) -> None:
    choice = macros.to_choice("cell", ["in", "out"])

    assert [run(choice, cell) for cell in ["in", "Out ", "both", "", None]] == ["in", "out", None, None, None]


def test_only_filled_cells_that_could_not_be_read_are_counted(macros: SimpleNamespace) -> None:
    typed = {"paid_at": macros.to_utc_timestamp("paid_at", "UTC"), "amount": macros.to_decimal("amount")}
    rows = """('2025-01-02', '1'), ('02.01.25', '1'), ('soon', 'much'), (null, ''), (' ', 'N/A'), ('NULL', '-'),
        ('1970-01-01T08:00:00+08:00', '1'), ('1900/1/1 0:00', 'much'), ('1985-06-01', '1')"""
    cells = f"select *, {macros.typed_columns(typed)} from (values {rows}) as cells(paid_at, amount)"

    found = duckdb.sql(f"select {macros.uncast_count(list(typed))} from ({cells})").fetchall()

    assert [row[0] for row in found] == [0, 1, 2, 0, 0, 0, 0, 1, 1]


def test_every_macro_takes_an_expression_and_not_just_a_column(run: Run, macros: SimpleNamespace) -> None:
    half = "coalesce(cell, '') || '-02'"

    assert run(macros.to_date(f"({half})"), "2025-01") == date(2025, 1, 2)
    assert run(macros.to_date(half), "2025-01") == date(2025, 1, 2)
    assert run(macros.to_utc_timestamp(half, "UTC"), "2025-01") == SHANGHAI_MIDNIGHT
    assert run(macros.to_decimal("cell || '.50'"), "¥1,200") == Decimal("1200.50")
    assert run(macros.to_integer("cell || '0'"), "1,20") == 1200
    assert run(macros.to_text("'　' || cell"), "x") == "x"
