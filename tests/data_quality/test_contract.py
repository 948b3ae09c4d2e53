"""Every allowed expectation says the same in DuckDB as on pandas: on good, bad, missing and no data."""

import dataclasses
import datetime
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pandas as pd
import pytest

from data_quality.expectations import ALLOWED, Expectation
from data_quality.gate import GateResult, Relation, evaluate, judge
from data_quality.validation import great_expectations, validate_batch


@dataclass(frozen=True)
class Case:
    """One rule with data that keeps and data that breaks it.

    ``all_null`` and ``empty`` are the verdicts on the same number of rows without a value, and on no rows.
    """

    expectation: str
    arguments: dict[str, Any]
    columns: dict[str, str]
    good: list[tuple[Any, ...]]
    bad: list[tuple[Any, ...]]
    threshold: float | None = 1.0
    bound: Any = None
    all_null: str = "too_few_rows"
    empty: str = "too_few_rows"
    # What stands against the threshold on bad data, and how many rows break the rule there.
    observed: float | None = None
    unexpected: int | None = None
    name: str = field(default="")


def share(expectation: str, arguments: dict[str, Any], columns: dict[str, str], **rest: Any) -> Case:
    return Case(f"expect_{expectation}", arguments, columns, **rest)


def figure(expectation: str, bound: str, threshold: float, **rest: Any) -> Case:
    return Case(
        f"expect_column_{expectation}_to_be_between",
        {"column": "数额"},
        {"数额": "DECIMAL(18,2)"},
        bound=bound,
        threshold=threshold,
        **rest,
    )


PHONE = {"手机": "VARCHAR"}
ONE = {"column": "手机"}
DAY = {"on": "DATE"}
PAIR = {"column_A": "after", "column_B": "before"}
TWO = {"after": "DOUBLE", "before": "DOUBLE"}

CASES = [
    share("column_values_to_not_be_null", ONE, PHONE, threshold=0.6, all_null="failed", unexpected=2, observed=1 / 3,
          good=[("a",), ("b",), (None,)], bad=[("a",), (None,), (None,)]),
    share("column_values_to_be_null", ONE, PHONE, threshold=0.6, all_null="passed", unexpected=2, observed=1 / 3,
          good=[("a",), (None,), (None,)], bad=[("a",), ("b",), (None,)]),
    share("column_values_to_be_unique", ONE, PHONE, unexpected=2, observed=1 / 3,
          good=[("a",), ("b",), (None,), (None,)], bad=[("a",), ("a",), ("b",), (None,)]),
    share("column_values_to_be_in_set", ONE | {"value_set": ["人", "店"]}, PHONE, unexpected=1, observed=0.5,
          good=[("人",), ("店",), (None,)], bad=[("人",), ("x",), (None,)]),
    share("column_values_to_be_in_set", {"column": "n", "value_set": [1, 2]}, {"n": "INTEGER"}, unexpected=1,
          observed=0.5, good=[(1,), (2,), (None,)], bad=[(1,), (3,), (None,)], name="numbers"),
    share("column_values_to_not_be_in_set", ONE | {"value_set": ["0", "-"]}, PHONE, unexpected=1, observed=0.5,
          good=[("1",), (None,)], bad=[("1",), ("-",), (None,)]),
    share("column_values_to_match_regex", ONE | {"regex": r"^1[3-9]\d{9}$"}, PHONE, threshold=0.5, unexpected=2,
          observed=1 / 3, good=[("13812345678",), ("1.38E+10",), (None,)],
          bad=[("13812345678",), ("1.38E+10",), ("12345",), (None,)]),
    share("column_values_to_match_regex", ONE | {"regex": "省"}, PHONE, unexpected=1, observed=0.5,
          good=[("广东省广州市",)], bad=[("广东省广州市",), ("广州",), (None,)], name="found anywhere"),
    share("column_values_to_not_match_regex", ONE | {"regex": r"\d{11}"}, PHONE, unexpected=1, observed=0.5,
          good=[("138****5678",), (None,)], bad=[("138****5678",), ("tel 13812345678",), (None,)]),
    share("column_values_to_be_between", {"column": "n", "min_value": 0, "max_value": 1}, {"n": "DOUBLE"},
          unexpected=2, observed=0.5, good=[(0.0,), (1.0,), (None,)], bad=[(0.0,), (1.0,), (-0.1,), (1.1,), (None,)]),
    share("column_values_to_be_between", {"column": "n", "min_value": 0, "strict_min": True}, {"n": "BIGINT"},
          unexpected=1, observed=0.5, good=[(1,), (None,)], bad=[(0,), (1,), (None,)], name="strict"),
    share("column_values_to_be_between", {"column": "on", "min_value": datetime.date(2017, 1, 1)}, DAY,
          unexpected=1, observed=0.5, good=[(datetime.date(2017, 1, 1),), (None,)],
          bad=[(datetime.date(2016, 12, 31),), (datetime.date(2017, 1, 1),), (None,)], name="dates"),
    share("column_value_lengths_to_be_between", ONE | {"min_value": 2, "max_value": 4}, PHONE, unexpected=2,
          observed=1 / 3, good=[("王芳",), ("欧阳小明",), (None,)], bad=[("王",), ("王芳",), ("一二三四五",), (None,)]),
    share("compound_columns_to_be_unique", {"column_list": ["a", "b"]}, {"a": "VARCHAR", "b": "INTEGER"},
          unexpected=2, observed=0.5, good=[("x", 1), ("x", 2), ("y", 1), ("x", None), ("x", None)],
          bad=[("x", 1), ("x", 1), ("y", 1), ("y", 2), ("x", None), ("x", None)]),
    share("column_pair_values_a_to_be_greater_than_b", PAIR | {"or_equal": True}, TWO, unexpected=1, observed=0.5,
          good=[(0.9, 0.8), (0.8, 0.8), (None, 0.8)], bad=[(0.9, 0.8), (0.7, 0.8), (None, 0.8), (0.1, None)]),
    share("column_pair_values_a_to_be_greater_than_b", PAIR, TWO, unexpected=1, observed=0.5,
          good=[(0.9, 0.8)], bad=[(0.9, 0.8), (0.8, 0.8), (None, 0.8)], name="strict"),
    share("column_pair_values_to_be_equal", PAIR, TWO, unexpected=1, observed=0.5,
          good=[(1.0, 1.0), (None, 1.0)], bad=[(1.0, 1.0), (1.0, 2.0), (None, 2.0)]),
    share("multicolumn_sum_to_equal", {"column_list": ["after", "before"], "sum_total": 0}, TWO, unexpected=1,
          observed=0.5, good=[(1.0, -1.0), (None, 1.0)], bad=[(1.0, -1.0), (1.0, 1.0), (None, 1.0)]),
    Case("expect_table_row_count_to_be_between", {}, PHONE, threshold=2, bound="min", all_null="passed",
         empty="failed", good=[("a",), ("b",)], bad=[("a",)], observed=1),
    Case("expect_table_row_count_to_be_between", {}, PHONE, threshold=2, bound="max", all_null="passed",
         empty="passed", good=[("a",), ("b",)], bad=[("a",)] * 3, observed=3, name="upper side"),
    figure("min", "min", 0, good=[(0,), (3,), (None,)], bad=[(-1.25,), (3,), (None,)], observed=-1.25),
    figure("max", "max", 3, good=[(0,), (3,), (None,)], bad=[(0,), (3.01,), (None,)], observed=3.01),
    figure("mean", "min", 2, good=[(1,), (3,), (None,)], bad=[(1,), (2,), (None,)], observed=1.5),
    figure("median", "max", 2, good=[(1,), (2,), (9,)], bad=[(1,), (2,), (3,), (9,), (None,)], observed=2.5),
    figure("sum", "min", 10, good=[(4,), (6,), (None,)], bad=[(4,), (5.5,), (None,)], observed=9.5),
    figure("stdev", "min", 1, good=[(1,), (3,), (None,)], bad=[(1,), (2,), (None,)], observed=0.5**0.5),
    figure("unique_value_count", "min", 2, good=[(1,), (2,), (2,)], bad=[(1,), (1,), (None,)], observed=1),
    figure("proportion_of_unique_values", "min", 0.9, good=[(1,), (2,), (None,)], bad=[(1,), (1,), (None,)],
           observed=0.5),
    Case("expect_column_to_exist", ONE, PHONE, threshold=None, all_null="passed", empty="passed",
         good=[("a",)], bad=[], name="there"),
    Case("expect_column_to_exist", {"column": "电话"}, PHONE, threshold=None, all_null="failed", empty="failed",
         good=[], bad=[("a",)], name="not there"),
    Case("expect_table_columns_to_match_set", {"column_set": ["手机"]}, PHONE, threshold=None, all_null="passed",
         empty="passed", good=[("a",)], bad=[], name="same"),
    Case("expect_table_columns_to_match_set", {"column_set": ["手机", "微信"], "exact_match": False}, PHONE,
         threshold=None, all_null="failed", empty="failed", good=[], bad=[("a",)], name="missing"),
    Case("expect_table_columns_to_match_set", {"column_set": ["after"]}, TWO, threshold=None, all_null="failed",
         empty="failed", good=[], bad=[(1.0, 2.0)], name="one too many"),
]  # fmt: skip

SITUATIONS = [
    (case, situation)
    for case in CASES
    for situation in ("good", "bad", "all_null", "empty")
    if situation in ("all_null", "empty") or getattr(case, situation)
]


def rows_of(case: Case, situation: str) -> list[tuple[Any, ...]]:
    if situation == "empty":
        return []
    if situation == "all_null":
        return [tuple(None for _ in case.columns)] * max(len(case.good), 1)
    rows: list[tuple[Any, ...]] = getattr(case, situation)
    return rows


def in_duckdb(database: duckdb.DuckDBPyConnection, case: Case, expectation: Expectation, rows: list[Any]) -> GateResult:
    columns = ", ".join(f'"{name}" {kind}' for name, kind in case.columns.items())
    database.execute(f"create table judged ({columns})")
    if rows:
        database.executemany(f"insert into judged values ({', '.join('?' * len(case.columns))})", rows)
    return evaluate(database, [expectation], {"t": Relation("main", "judged")}).results[0]


def in_pandas(case: Case, expectation: Expectation, rows: list[Any]) -> GateResult:
    frame = pd.DataFrame(rows, columns=list(case.columns))
    for name, kind in case.columns.items():
        numpy_type = {"VARCHAR": "object", "DATE": "datetime64[ns]"}.get(kind, "float64")
        frame[name] = frame[name].astype(numpy_type)  # type: ignore[call-overload]
    judged = [name for name in expectation.columns if name in frame]
    value_count = min((int(frame[name].notna().sum()) for name in judged), default=len(frame))
    gx = great_expectations()
    if "on" in case.columns:  # pandas has no dates
        moments = {
            key: pd.Timestamp(value) if isinstance(value, datetime.date) else value
            for key, value in expectation.arguments.items()
        }
        expectation = dataclasses.replace(expectation, arguments=moments)
    outcome = validate_batch(gx.PandasExecutionEngine(), frame, [expectation])[0]
    return judge(expectation, outcome, len(frame), value_count)


@pytest.mark.parametrize(
    ("case", "situation"), SITUATIONS, ids=[f"{c.expectation[7:]} {c.name} {s}" for c, s in SITUATIONS]
)
def test_an_allowed_expectation_judges_in_duckdb_as_on_pandas(
    database: duckdb.DuckDBPyConnection, expect: Any, case: Case, situation: str
) -> None:
    expectation = expect(case.expectation, case.arguments, threshold=case.threshold, bound=case.bound)
    rows = rows_of(case, situation)

    here = in_duckdb(database, case, expectation, rows)
    there = in_pandas(case, expectation, rows)

    wanted = {"good": "passed", "bad": "failed"}.get(situation) or getattr(case, situation)
    assert (here.status, there.status) == (wanted, wanted), (here.detail, there.detail)
    assert here.observed == pytest.approx(there.observed)
    counts = ("unexpected_count", "judged_count", "row_count")
    assert [getattr(here, name) for name in counts] == [getattr(there, name) for name in counts]
    if situation == "bad":
        assert here.observed == pytest.approx(case.observed)
        assert here.unexpected_count == case.unexpected


def test_every_allowed_expectation_has_a_passing_and_a_failing_case() -> None:
    assert {case.expectation for case in CASES if case.good} == set(ALLOWED)
    assert {case.expectation for case in CASES if case.bad} == set(ALLOWED)


def test_every_allowed_expectation_stands_in_the_documentation_with_its_keys() -> None:
    import data_quality.expectations as module

    table = {line.split()[0]: line for line in (module.__doc__ or "").splitlines() if line.startswith("expect_")}
    assert set(table) == set(ALLOWED)
    for name, kind in ALLOWED.items():
        assert kind.measure in table[name].split()
        assert all(f"{key}*" in table[name] for key in kind.required)
        assert all(key in table[name] for key in kind.optional)
