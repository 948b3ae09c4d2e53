"""Judging many tables at once gives the verdicts of judging each alone."""

import dataclasses
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import duckdb
import pytest

from data_quality.expectations import Expectation
from data_quality.gate import GateResult, Relation, evaluate
from data_quality.parts import evaluate_parts


def expectation(kind: str, threshold: float | None = 1.0, **more: Any) -> Expectation:
    settings = {"bound": None, "severity": "critical", "min_rows": 1, **more}
    own = {f.name for f in dataclasses.fields(Expectation)}
    arguments = {key: value for key, value in settings.items() if key not in own}
    return Expectation(
        suite="raw", table="t", id=f"{kind}_{threshold}_{settings['bound']}", expectation=kind, arguments=arguments,
        threshold=threshold, why="a test", **{k: v for k, v in settings.items() if k in own},
    )  # fmt: skip


EXPECTATIONS = [
    expectation("expect_column_values_to_not_be_null", 0.6, column="a"),
    expectation("expect_column_values_to_not_be_null", 1.0, column="b"),
    expectation("expect_column_values_to_be_in_set", 0.9, column="a", value_set=[1, 2, 3]),
    expectation("expect_column_values_to_be_unique", 0.5, column="a"),
    expectation("expect_column_max_to_be_between", 3, bound="max", column="a"),
    expectation("expect_column_max_to_be_between", 2, bound="min", column="a"),
    expectation("expect_column_min_to_be_between", 2, bound="min", column="a"),
    expectation("expect_column_mean_to_be_between", 2, bound="min", column="a"),
    expectation("expect_table_row_count_to_be_between", 4, bound="min"),
    expectation("expect_column_to_exist", None, column="a"),
    expectation("expect_column_values_to_not_be_null", 0.9, column="a", min_rows=5),
    expectation("expect_column_values_to_not_be_null", 1.0, column="nowhere"),
]


def union(con: duckdb.DuckDBPyConnection, parts: Mapping[str, Relation]) -> Callable[[Sequence[str]], Relation]:
    def of(names: Sequence[str]) -> Relation:
        rows = " union all ".join(f"from {parts[name].name}" for name in names)
        con.execute(f"create or replace view whole as {rows}")
        return Relation("main", "whole")

    return of


def verdicts(results: list[GateResult]) -> set[tuple[str, bool]]:
    """What is refused, and whether the data are to blame."""
    return {(result.id, result.status == "failed") for result in results if result.blocks}


@pytest.mark.parametrize(("seed", "count"), [(0, 4), (1, 4), (2, 2), (3, 3), (4, 20)])
def test_a_part_is_refused_together_with_others_exactly_when_it_is_refused_alone(seed: int, count: int) -> None:
    chance = random.Random(seed)
    worst = (1, 2, 3) if seed == 0 else (1, 2, 3, 4, None)
    with duckdb.connect() as con:
        parts = {}
        for number in range(count):
            rows = [(chance.choice(worst), "x") for _ in range(chance.randint(1, 8))]
            con.execute(f"create table t{number} (a integer, b varchar)")
            con.executemany(f"insert into t{number} values (?, ?)", rows)
            parts[f"part {number}"] = Relation("main", f"t{number}")
        together = evaluate_parts(con, EXPECTATIONS, parts, union(con, parts))
        for name, relation in parts.items():
            alone = evaluate(con, EXPECTATIONS, {"t": relation})
            # What nobody could evaluate stands once, for all parts.
            of_all = [r for r in together.whole.results if r.status == "not_evaluated"]
            assert verdicts([*of_all, *together.parts[name].results]) == verdicts(list(alone.results)), name


def test_what_all_parts_meet_without_exception_is_asked_once() -> None:
    with duckdb.connect() as con:
        con.execute("create table t0 as select 2 as a, 'x' as b from range(5); create table t1 as from t0")
        parts = {name: Relation("main", name) for name in ("t0", "t1")}
        report = evaluate_parts(con, EXPECTATIONS[:2], parts, union(con, parts))
    assert [result.row_count for result in report.whole.results] == [10, 10]
    assert [of_part.results for of_part in report.parts.values()] == [(), ()]
