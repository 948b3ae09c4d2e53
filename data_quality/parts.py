"""Judges many tables of one shape, such as the loads of an object, without asking each of them everything.

An expectation costs Great Expectations some ten milliseconds whatever the number of rows. Fourteen daily loads of
forty objects would be judged for a minute. What the union of the tables meets without exception each of them meets;
only the rest is asked table by table, so that a verdict names the table that failed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from data_quality.expectations import Expectation
from data_quality.gate import GateReport, GateResult, Relation, evaluate, too_few_rows

_FEW = 16


@dataclass(frozen=True)
class PartsReport:
    """Verdicts that stand for several tables at once, and those on a single one."""

    whole: GateReport
    parts: Mapping[str, GateReport]


def evaluate_parts(
    connection: duckdb.DuckDBPyConnection,
    expectations: Sequence[Expectation],
    parts: Mapping[str, Relation],
    union: Callable[[Sequence[str]], Relation],
) -> PartsReport:
    """Judge ``expectations``, all of one table of the suites, on every one of ``parts``.

    Args:
        connection: Sees the relations; it stays open and usable.
        expectations: One or more, all with the same ``table``.
        parts: Name → table; all have the same columns.
        union: Gives the table of all rows of the parts of these names.
    """
    (table,) = {expectation.table for expectation in expectations}
    if len(parts) < 2:
        alone = {name: evaluate(connection, expectations, {table: relation}) for name, relation in parts.items()}
        return PartsReport(GateReport(()), alone)
    results = evaluate(connection, expectations, {table: union(list(parts))}).results
    sure = [_holds_in_each(e, r) for e, r in zip(expectations, results, strict=True)]
    settled = tuple(result for result, is_sure in zip(results, sure, strict=True) if is_sure)
    rest = [expectation for expectation, is_sure in zip(expectations, sure, strict=True) if not is_sure]
    if not rest:
        return PartsReport(GateReport(settled), {name: GateReport(()) for name in parts})
    # One bad load among hundreds is found by halving; few are asked at once.
    names = list(parts)
    size = (len(names) + 1) // 2 if len(names) > _FEW else 1
    groups = [{name: parts[name] for name in names[start : start + size]} for start in range(0, len(names), size)]
    below = [
        _evaluate_one(connection, rest, group) if size == 1 else evaluate_parts(connection, rest, group, union)
        for group in groups
    ]
    return PartsReport(
        GateReport((*settled, *(result for report in below for result in report.whole.results))),
        {name: found for report in below for name, found in report.parts.items()},
    )


def _evaluate_one(
    connection: duckdb.DuckDBPyConnection, expectations: Sequence[Expectation], part: Mapping[str, Relation]
) -> PartsReport:
    """What the union left open, for a single table: little ones are no evidence, whatever they hold."""
    ((name, relation),) = part.items()
    rows = connection.table(f'"{relation.schema}"."{relation.name}"').count("*").fetchall()[0][0]
    open_ones = [e for e in expectations if not e.columns or e.kind.measure == "shape" or rows >= e.min_rows]
    too_few = [too_few_rows(e, rows) for e in expectations if e not in open_ones]
    found = evaluate(connection, open_ones, {expectations[0].table: relation}).results if open_ones else ()
    return PartsReport(GateReport(()), {name: GateReport((*too_few, *found))})


def _holds_in_each(expectation: Expectation, result: GateResult) -> bool:
    """Whether the verdict on the union is that on every part."""
    if result.status != "passed":
        # Too few rows in all are too few in each; what could not be evaluated in all will not be in one.
        return result.status in ("too_few_rows", "not_evaluated")
    if expectation.kind.measure == "share":
        return result.unexpected_count == 0
    extreme = {"max": "expect_column_max_to_be_between", "min": "expect_column_min_to_be_between"}
    return expectation.kind.measure == "shape" or expectation.expectation == extreme.get(expectation.bound or "")
