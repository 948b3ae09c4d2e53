"""Judges many tables of one shape, such as the loads of an object, without asking each of them everything.

An expectation costs Great Expectations some ten milliseconds whatever the number of rows. Fourteen daily loads of
forty objects would be judged for a minute. What the union of the tables meets without exception each of them meets;
only the rest is asked table by table, so that a verdict names the table that failed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from data_quality.expectations import Expectation
from data_quality.gate import GateReport, GateResult, Relation, evaluate


@dataclass(frozen=True)
class PartsReport:
    """Verdicts that stand for all tables at once, and those of a single one, each in the order of the suite."""

    whole: GateReport
    parts: Mapping[str, GateReport]


def evaluate_parts(
    connection: duckdb.DuckDBPyConnection,
    expectations: Sequence[Expectation],
    whole: Relation,
    parts: Mapping[str, Relation],
) -> PartsReport:
    """Judge ``expectations``, all of one table of the suites, on every one of ``parts``.

    Args:
        connection: Sees the relations; it stays open and usable.
        expectations: One or more, all with the same ``table``.
        whole: The union of all rows of ``parts``.
        parts: Name → table; all have the same columns.
    """
    (table,) = {expectation.table for expectation in expectations}
    if len(parts) < 2:
        alone = {name: evaluate(connection, expectations, {table: relation}) for name, relation in parts.items()}
        return PartsReport(GateReport(()), alone)
    results = evaluate(connection, expectations, {table: whole}).results
    sure = [_holds_in_each(e, r) for e, r in zip(expectations, results, strict=True)]
    rest = [expectation for expectation, is_sure in zip(expectations, sure, strict=True) if not is_sure]
    return PartsReport(
        GateReport(tuple(result for result, is_sure in zip(results, sure, strict=True) if is_sure)),
        {
            name: evaluate(connection, rest, {table: relation}) if rest else GateReport(())
            for name, relation in parts.items()
        },
    )


def _holds_in_each(expectation: Expectation, result: GateResult) -> bool:
    """Whether the verdict on the union is that on every part."""
    if result.status != "passed":
        # Too few rows in all are too few in each; what could not be evaluated in all will not be in one.
        return result.status in ("too_few_rows", "not_evaluated")
    if expectation.kind.measure == "share":
        return result.unexpected_count == 0
    extreme = {"max": "expect_column_max_to_be_between", "min": "expect_column_min_to_be_between"}
    return expectation.kind.measure == "shape" or expectation.expectation == extreme.get(expectation.bound or "")
