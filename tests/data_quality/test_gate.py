"""The gate blocks on bad data and on what nobody could judge, and tells counts only."""

import dataclasses
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data_quality.expectations import Expectation
from data_quality.gate import GateReport, Relation, evaluate
from data_quality.report import write_report

Build = Callable[..., Expectation]
T = {"t": Relation("main", "t")}


def statuses(report: GateReport) -> dict[str, str]:
    return {result.id: result.status for result in report.results}


@pytest.fixture
def ten(database: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Ten rows, of which three have no phone."""
    phone = "case when i >= 3 then '138' || i end as phone"
    database.execute(f"create table t as select i as n, {phone}, date '2017-01-01' as bought_on from range(10) r(i)")
    return database


NOT_NULL = "expect_column_values_to_not_be_null"


def test_a_critical_failure_blocks_and_a_warning_does_not(ten: duckdb.DuckDBPyConnection, expect: Build) -> None:
    critical = expect(NOT_NULL, {"column": "phone"}, threshold=0.9)
    warning = dataclasses.replace(critical, severity="warning")
    assert evaluate(ten, [critical], T).blocks
    report = evaluate(ten, [warning], T)
    assert report.results[0].status == "failed"
    assert not report.blocks


def test_the_paragraph_says_which_expectation_which_table_how_many_rows_and_why(
    ten: duckdb.DuckDBPyConnection, expect: Build
) -> None:
    expectations = [
        expect(NOT_NULL, {"column": "phone"}, threshold=0.9, id="phone_present", why="Phones find customers."),
        expect("expect_table_row_count_to_be_between", {}, threshold=20, bound="min", id="enough"),
        expect(NOT_NULL, {"column": "n"}, id="fine"),
    ]
    report = evaluate(ten, expectations, T)
    assert report.paragraph() == (
        "The gate marts refused: 2 of 3 expectations block. "
        "marts/phone_present (critical): expect_column_values_to_not_be_null on t.phone: 3 of 10 rows do not meet it; "
        "70 % do, at least 90 % must. Why: Phones find customers. "
        "marts/enough (critical): expect_table_row_count_to_be_between on t: observed 10 in 10 rows, "
        "allowed at least 20. Why: so it is agreed."
    )


def test_a_share_just_under_its_threshold_is_not_rounded_up_to_it(
    database: duckdb.DuckDBPyConnection, expect: Build
) -> None:
    database.execute("create table t as select case when i > 0 then i end as n from range(20000) r(i)")
    report = evaluate(database, [expect(NOT_NULL, {"column": "n"})], T)
    assert "99.995 % do, at least 100 % must" in report.paragraph()


@pytest.mark.parametrize("severity", ["critical", "warning"])
@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"table": "elsewhere"}, "this table is not there"),
        ({"arguments": {"column": "email"}}, "the table has no column email"),
        ({"arguments": {"column": "Phone"}}, "the table has no column Phone"),
    ],
)
def test_what_is_not_there_could_not_be_evaluated_and_blocks(
    ten: duckdb.DuckDBPyConnection, expect: Build, severity: Any, fields: dict[str, Any], detail: str
) -> None:
    expectation = dataclasses.replace(expect(NOT_NULL, {"column": "phone"}, severity=severity), **fields)
    report = evaluate(ten, [expectation], T)
    assert (report.results[0].status, report.results[0].detail) == ("not_evaluated", detail)
    assert report.blocks
    assert f"could not be evaluated ({detail})" in report.paragraph()


def test_a_relation_that_does_not_exist_blocks_with_the_type_of_the_error(
    ten: duckdb.DuckDBPyConnection, expect: Build
) -> None:
    report = evaluate(ten, [expect(NOT_NULL, {"column": "phone"})], {"t": Relation("raw", "gone")})
    assert report.results[0].detail == "the table cannot be read, CatalogException"
    assert report.blocks


def test_one_that_cannot_be_computed_leaves_the_others_judged(ten: duckdb.DuckDBPyConnection, expect: Build) -> None:
    expectations = [
        expect("expect_column_sum_to_be_between", {"column": "phone"}, bound="min", id="sum_of_text"),
        expect("expect_column_values_to_be_between", {"column": "phone", "min_value": 1}, id="text_against_number"),
        expect("expect_column_max_to_be_between", {"column": "bought_on"}, bound="max", id="date_against_number"),
        expect("expect_column_sum_to_be_between", {"column": "n"}, bound="max", threshold=45, id="sum"),
        expect(NOT_NULL, {"column": "phone"}, threshold=0.7, id="phone"),
        expect(NOT_NULL, {"column": "phone"}, threshold=0.7, id="phone_again"),
        expect(NOT_NULL, {"column": "phone"}, threshold=0.8, id="phone_stricter"),
    ]
    report = evaluate(ten, expectations, T)
    assert statuses(report) == {
        "sum_of_text": "not_evaluated",
        "text_against_number": "not_evaluated",
        "date_against_number": "not_evaluated",
        "sum": "passed",
        "phone": "passed",
        "phone_again": "passed",
        "phone_stricter": "failed",
    }
    details = [result.detail for result in report.results[:3]]
    assert details == ["BinderException", "InvalidColumnTypeError", "TypeError"]


def test_a_missing_column_is_bad_data_where_its_being_there_is_expected(
    ten: duckdb.DuckDBPyConnection, expect: Build
) -> None:
    report = evaluate(ten, [expect("expect_column_to_exist", {"column": "email"}, threshold=None)], T)
    assert statuses(report) == {"expect_column_to_exist": "failed"}
    assert "t.email: the columns of the table differ" in report.paragraph()


def test_fewer_rows_than_min_rows_are_shown_and_do_not_block(ten: duckdb.DuckDBPyConnection, expect: Build) -> None:
    mean = "expect_column_mean_to_be_between"
    expectations = [
        expect("expect_column_values_to_match_regex", {"column": "phone", "regex": "^9"}, min_rows=8, id="seven"),
        expect("expect_column_values_to_match_regex", {"column": "phone", "regex": "^9"}, min_rows=7, id="enough"),
        expect(mean, {"column": "n"}, bound="min", threshold=100, min_rows=11, id="ten"),
    ]
    report = evaluate(ten, expectations, T)
    assert statuses(report) == {"seven": "too_few_rows", "enough": "failed", "ten": "too_few_rows"}
    assert report.results[0].judged_count == 7
    assert not evaluate(ten, [expectations[0], expectations[2]], T).blocks
    assert "2 had too few rows to judge" in report.paragraph()


def test_a_misspelt_column_blocks_even_where_there_are_no_rows(
    database: duckdb.DuckDBPyConnection, expect: Build
) -> None:
    database.execute("create table t (phone varchar)")
    expectations = [
        expect(NOT_NULL, {"column": "fone"}, id="misspelt"),
        expect("expect_column_sum_to_be_between", {"column": "phone"}, bound="min", id="sum_of_text"),
        expect(NOT_NULL, {"column": "phone"}, id="empty"),
    ]
    assert statuses(evaluate(database, expectations, T)) == {
        "misspelt": "not_evaluated",
        "sum_of_text": "not_evaluated",
        "empty": "too_few_rows",
    }


def test_two_schemas_views_and_awkward_names_are_judged_each_on_its_own(
    database: duckdb.DuckDBPyConnection, expect: Build
) -> None:
    database.execute("create schema raw; create schema core")
    database.execute('create table raw.t as select 1 as "客户""号", null as "%s"')
    database.execute('create view core."客户 表" as select * from raw.t union all select * from raw.t')
    database.execute("create temp view incoming as from raw.t")
    relations = {
        "loads": Relation("raw", "t"),
        "customers": Relation("core", "客户 表"),
        "incoming": Relation("main", "incoming"),
    }
    unique = "expect_column_values_to_be_unique"
    expectations = [
        expect(unique, {"column": '客户"号'}, table=table, suite=suite)
        for table, suite in (("loads", "raw"), ("customers", "customers"), ("incoming", "raw"))
    ]
    expectations.append(expect(NOT_NULL, {"column": "%s"}, table="loads"))
    expectations.append(
        expect("expect_compound_columns_to_be_unique", {"column_list": ['客户"号', "%s"]}, table="loads")
    )
    expectations.append(expect("expect_table_columns_to_match_set", {"column_set": ["%s", '客户"号']}, table="loads"))
    report = evaluate(database, expectations, relations)
    found = [(result.suite, result.status) for result in report.results]
    assert found[:3] == [("raw", "passed"), ("customers", "failed"), ("raw", "passed")]
    assert [status for _, status in found[3:]] == ["failed", "too_few_rows", "passed"]


SECRETS = ("13900001111", "fang@example.com", "4006667778", "王小芳")


def test_no_cell_value_reaches_a_report_a_row_a_log_or_a_message(
    database: duckdb.DuckDBPyConnection,
    expect: Build,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    database.execute("create table t (phone varchar, email varchar, tel bigint, name varchar)")
    database.execute(f"insert into t values ('{SECRETS[0]}', '{SECRETS[1]}', {SECRETS[2]}, '{SECRETS[3]}')")
    # An error while the rows are read: its text quotes the cell.
    database.execute("create view broken as select cast(email as integer) as email, * exclude (email) from t")
    relations = {"t": Relation("main", "t"), "broken": Relation("main", "broken")}
    expectations = [
        expect("expect_column_values_to_be_null", {"column": "phone"}),
        expect("expect_column_values_to_be_in_set", {"column": "email", "value_set": ["x"]}),
        expect("expect_column_values_to_match_regex", {"column": "name", "regex": "^x"}),
        expect("expect_column_value_lengths_to_be_between", {"column": "name", "max_value": 1}),
        expect("expect_column_values_to_be_between", {"column": "tel", "max_value": 1}),
        expect("expect_column_max_to_be_between", {"column": "tel"}, bound="max"),
        expect("expect_column_min_to_be_between", {"column": "tel"}, bound="max"),
        expect("expect_column_median_to_be_between", {"column": "tel"}, bound="max"),
        expect("expect_column_max_to_be_between", {"column": "phone"}, bound="max", id="text"),
        expect("expect_column_mean_to_be_between", {"column": "email"}, bound="max", table="broken", id="read_error"),
        expect("expect_column_values_to_be_in_set", {"column": "email", "value_set": [1]}, table="t", id="cast_error"),
    ]
    report = evaluate(database, expectations, relations)
    write_report([report], tmp_path / "gates.html")

    assert all(result.status in ("failed", "not_evaluated") for result in report.results)
    assert {result.detail for result in report.results if result.id.endswith("_error")} == {
        "the table cannot be read, ConversionException",
        "ConversionException",
    }
    printed = capfd.readouterr()
    told = "\n".join(
        [
            repr(report),
            report.paragraph(),
            *(result.sentence() for result in report.results),
            json.dumps(report.as_rows(), ensure_ascii=False),
            (tmp_path / "gates.html").read_text(encoding="utf-8"),
            caplog.text,
            *printed,
        ]
    )
    digits = told.replace(",", "").replace("_", "")
    assert [secret for secret in SECRETS if secret in told or secret in digits] == []
    assert (printed.out, printed.err) == ("", "")
    assert [record for record in caplog.records if record.name.startswith("great_expectations")] == []


def test_an_ordinary_extreme_is_told(database: duckdb.DuckDBPyConnection, expect: Build) -> None:
    database.execute("create table t as select 0.031 as residual_duplicate_rate")
    column = {"column": "residual_duplicate_rate"}
    report = evaluate(database, [expect("expect_column_max_to_be_between", column, bound="max", threshold=0.01)], T)
    assert report.results[0].observed == pytest.approx(0.031)
    assert "observed 0.031 in 1 rows, allowed at most 0.01" in report.paragraph()


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("figure", ["max", "mean"])
def test_a_figure_that_is_no_finite_number_blocks_and_is_reported(
    database: duckdb.DuckDBPyConnection, expect: Build, tmp_path: Path, value: str, figure: str
) -> None:
    database.execute(f"create table t as select cast('{value}' as double) as rate from range(3)")
    wanted = expect(f"expect_column_{figure}_to_be_between", {"column": "rate"}, bound="max", threshold=1)
    report = evaluate(database, [wanted], T)
    assert report.blocks
    assert "on t.rate" in report.paragraph()
    write_report([report], tmp_path / "gates.html")


def test_the_connection_is_usable_afterwards_and_the_file_free_after_closing(tmp_path: Path, expect: Build) -> None:
    file = str(tmp_path / "warehouse.duckdb")
    connection = duckdb.connect(file)
    connection.execute("create table t as select 1 as n")
    before = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
    report = evaluate(connection, [expect("expect_column_values_to_be_unique", {"column": "n"})], T)
    assert not report.blocks
    assert connection.execute("select table_schema, table_name from information_schema.tables").fetchall() == before
    connection.close()
    with duckdb.connect(file, read_only=True) as reader:
        assert reader.execute("from t").fetchall() == [(1,)]


def test_a_read_only_database_can_be_judged(tmp_path: Path, expect: Build) -> None:
    file = str(tmp_path / "marts.duckdb")
    with duckdb.connect(file) as writer:
        writer.execute("create table t as select 1 as n")
    with duckdb.connect(file, read_only=True) as reader:
        expectations = [
            expect("expect_column_values_to_be_unique", {"column": "n"}, id="a"),
            expect("expect_column_median_to_be_between", {"column": "n"}, bound="max", id="b"),
        ]
        assert statuses(evaluate(reader, expectations, T)) == {"a": "passed", "b": "passed"}


def test_results_keep_the_order_of_the_suite_over_several_tables(
    database: duckdb.DuckDBPyConnection, expect: Build
) -> None:
    database.execute("create table a as select 1 as n; create table b as select 2 as n")
    relations = {name: Relation("main", name) for name in "ab"}
    types: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("expect_table_row_count_to_be_between", {}, {"bound": "min"}),
        ("expect_column_to_exist", {"column": "n"}, {"threshold": None}),
        (NOT_NULL, {"column": "n"}, {}),
    ]
    expectations = [
        expect(name, arguments, **fields, table=table, id=name) for name, arguments, fields in types for table in "bab"
    ]
    report = evaluate(database, expectations, relations)
    assert [(r.table, r.id) for r in report.results] == [(e.table, e.id) for e in expectations]
    assert all(result.status == "passed" for result in report.results)


def test_rows_for_the_state_are_flat_and_have_the_same_keys(ten: duckdb.DuckDBPyConnection, expect: Build) -> None:
    expectations = [
        expect(NOT_NULL, {"column": "phone"}, threshold=0.9),
        expect("expect_column_to_exist", {"column": "n"}, threshold=None),
        expect(NOT_NULL, {"column": "n"}, table="gone"),
    ]
    rows = evaluate(ten, expectations, T).as_rows()
    assert [row["blocks"] for row in rows] == [True, False, True]
    assert len({tuple(row) for row in rows}) == 1
    assert all(isinstance(value, str | float | int | bool | None) for row in rows for value in row.values())
