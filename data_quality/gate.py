"""Judges tables by expectations, and says in counts what holds, what fails and what could not be judged."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import duckdb

from data_quality.expectations import Expectation, Severity
from data_quality.validation import Outcome, validate_table

Status = Literal["passed", "failed", "not_evaluated", "too_few_rows"]

# A telephone number or a date of birth has at least as many digits.
_COULD_BE_PERSONAL = 10_000_000
_SHOWN_IN_PARAGRAPH = 5


@dataclass(frozen=True)
class Relation:
    """A table or view of the connection that a gate judges."""

    schema: str
    name: str


@dataclass(frozen=True)
class GateResult:
    """The verdict on one expectation. Counts only: no field can hold the content of a row.

    Attributes:
        column: The columns, joined by ", "; None if it is about the table.
        status: ``passed``; ``failed``: the data are bad; ``not_evaluated``: nobody knows, see ``detail``;
            ``too_few_rows``: fewer than ``min_rows`` rows could be judged.
        observed: What stands against ``threshold``: the share of judged rows that meet the rule (0 to 1) or the figure.
            None where there is none, or where it could be a telephone number (an extreme of eight or more digits).
        unexpected_count: Judged rows that do not meet the rule.
        judged_count: Rows that were judged: those with values, or all where missing values are judged.
        row_count: Rows of the table.
        bound: Whether the threshold is the least ("min") or the most ("max") allowed.
        detail: Why it was not evaluated.
    """

    suite: str
    table: str
    id: str
    expectation: str
    column: str | None
    severity: Severity
    status: Status
    observed: float | None
    unexpected_count: int | None
    judged_count: int | None
    row_count: int | None
    threshold: float | None
    bound: Literal["min", "max"] | None
    why: str
    detail: str | None

    @property
    def blocks(self) -> bool:
        """Whether nothing may go on: a critical expectation failed, or any could not be evaluated."""
        return self.status == "not_evaluated" or (self.status == "failed" and self.severity == "critical")

    def sentence(self) -> str:
        """The verdict for a person: expectation, table, rows, threshold against observed, and why it matters."""
        where = f"{self.table}.{self.column}" if self.column else self.table
        head = f"{self.suite}/{self.id} ({self.severity}): {self.expectation} on {where}"
        return f"{head}: {self._verdict()}. Why: {self.why.rstrip('.')}."

    def _verdict(self) -> str:
        if self.status == "not_evaluated":
            return f"could not be evaluated ({self.detail})"
        if self.status == "too_few_rows":
            return f"not judged, {_count(self.judged_count)} rows are too few"
        if self.unexpected_count is not None and self.observed is not None and self.threshold is not None:
            return (
                f"{_count(self.unexpected_count)} of {_count(self.judged_count)} rows do not meet it; "
                f"{_percent(self.observed)} do, at least {_percent(self.threshold)} must"
            )
        if self.threshold is not None:
            side = "at least" if self.bound == "min" else "at most"
            observed = "a value that is not shown" if self.observed is None else _number(self.observed)
            return f"observed {observed} in {_count(self.row_count)} rows, allowed {side} {_number(self.threshold)}"
        return "holds" if self.status == "passed" else "the columns of the table differ"


@dataclass(frozen=True)
class GateReport:
    """The verdicts of one gate, in the order of its suite."""

    results: tuple[GateResult, ...]

    @property
    def blocks(self) -> bool:
        """Whether the run must stop here."""
        return any(result.blocks for result in self.results)

    def paragraph(self) -> str:
        """One paragraph: what blocks, else what warns, with the sentences of the first few."""
        suites = " and ".join(dict.fromkeys(result.suite for result in self.results)) or "empty"
        blocking = [result for result in self.results if result.blocks]
        shown = blocking or [result for result in self.results if result.status == "failed"]
        passed = sum(result.status == "passed" for result in self.results)
        too_few = sum(result.status == "too_few_rows" for result in self.results)
        if blocking:
            head = f"The gate {suites} refused: {len(blocking)} of {len(self.results)} expectations block."
        else:
            head = f"The gate {suites} passed: {passed} of {len(self.results)} expectations hold."
            head += f" {len(shown)} warn." if shown else ""
        head += f" {too_few} had too few rows to judge." if too_few else ""
        sentences = [result.sentence() for result in shown[:_SHOWN_IN_PARAGRAPH]]
        rest = len(shown) - len(sentences)
        return " ".join([head, *sentences, *([f"{rest} more are in the report."] if rest else [])])

    def as_rows(self) -> list[dict[str, object]]:
        """One flat mapping per result, all with the same keys: the fields of ``GateResult`` and ``blocks``."""
        return [{**dataclasses.asdict(result), "blocks": result.blocks} for result in self.results]


def evaluate(
    connection: duckdb.DuckDBPyConnection,
    expectations: Sequence[Expectation],
    relations: Mapping[str, Relation],
) -> GateReport:
    """Judge every expectation on its table, in DuckDB, without changing anything.

    Args:
        connection: Sees the relations; it stays open and usable.
        expectations: From ``suite_files.load_suites``, of one or more suites.
        relations: Name of the table in the suites → where it lies. An expectation about any other table, or about a
            column that is not there, is ``not_evaluated``, which blocks.

    Returns:
        One result per expectation, in their order.
    """
    results: dict[int, GateResult] = {}
    by_table: dict[str, list[int]] = {}
    for position, expectation in enumerate(expectations):
        by_table.setdefault(expectation.table, []).append(position)
    for table, positions in by_table.items():
        wanted = [expectations[position] for position in positions]
        relation = relations.get(table)
        if relation is None:
            judged = [not_evaluated(expectation, "this table is not there") for expectation in wanted]
        else:
            judged = _judge_table(connection, relation, wanted)
        results.update(zip(positions, judged, strict=True))
    return GateReport(tuple(results[position] for position in range(len(expectations))))


def _judge_table(
    connection: duckdb.DuckDBPyConnection, relation: Relation, expectations: Sequence[Expectation]
) -> list[GateResult]:
    source = f"{_quoted(relation.schema)}.{_quoted(relation.name)}"
    try:
        columns = {row[0] for row in connection.execute(f"describe {source}").fetchall()}
        judged = sorted({name for expectation in expectations for name in expectation.columns} & columns)
        counts = ", ".join(["count(*)", *(f"count({_quoted(name)})" for name in judged)])
        row_count, *value_counts = connection.execute(f"select {counts} from {source}").fetchall()[0]
    except duckdb.Error as error:
        detail = f"the table cannot be read, {type(error).__name__}"
        return [not_evaluated(expectation, detail) for expectation in expectations]
    values = dict(zip(judged, value_counts, strict=True))

    results: dict[int, GateResult] = {}
    possible: list[int] = []
    for position, expectation in enumerate(expectations):
        missing = set(expectation.columns) - columns
        if missing and expectation.kind.measure != "shape":
            names = ", ".join(sorted(missing))
            results[position] = not_evaluated(expectation, f"the table has no column {names}", row_count)
        else:
            possible.append(position)
    chosen = [expectations[position] for position in possible]
    outcomes = validate_table(connection, relation.schema, relation.name, chosen) if chosen else []
    for position, outcome in zip(possible, outcomes, strict=True):
        expectation = expectations[position]
        value_count = min((values[name] for name in expectation.columns if name in values), default=row_count)
        results[position] = judge(expectation, outcome, row_count, value_count)
    return [results[position] for position in range(len(expectations))]


def judge(expectation: Expectation, outcome: Outcome, row_count: int, value_count: int) -> GateResult:
    """The verdict on one outcome.

    Args:
        expectation: What was expected.
        outcome: What Great Expectations said.
        row_count: Rows of the table.
        value_count: Rows in which the expectation's column has a value; matters for figures.
    """
    if outcome.error:
        return not_evaluated(expectation, outcome.error, row_count)
    kind = expectation.kind
    judged: int | None = None
    observed = outcome.observed
    if kind.measure == "share":
        judged = outcome.judged_count or 0
        observed = 1 - (outcome.unexpected_count or 0) / judged if judged else None
    elif kind.measure == "value":
        judged = row_count if kind.judges_missing else value_count
    if observed is not None and not math.isfinite(observed):
        return not_evaluated(expectation, "its figure is not a finite number", row_count)
    about_table = kind.measure == "shape" or not expectation.columns

    status: Status = "passed" if outcome.success else "failed"
    if not about_table and (judged or 0) < expectation.min_rows:
        status, observed = "too_few_rows", observed if judged else None
    elif kind.observes_cell and observed is not None and abs(observed) >= _COULD_BE_PERSONAL:
        observed = None
    return _result(
        expectation,
        status,
        row_count=row_count,
        judged_count=judged,
        observed=observed,
        unexpected_count=outcome.unexpected_count,
    )


def too_few_rows(expectation: Expectation, row_count: int) -> GateResult:
    """The verdict on a table with fewer rows than ``min_rows``: asking for more would not change it."""
    return _result(expectation, "too_few_rows", row_count=row_count, judged_count=row_count)


def not_evaluated(expectation: Expectation, detail: str, row_count: int | None = None) -> GateResult:
    """The verdict on an expectation that nobody could judge; ``detail`` must not come from the data."""
    return _result(expectation, "not_evaluated", row_count=row_count, detail=detail)


def _result(
    expectation: Expectation,
    status: Status,
    *,
    row_count: int | None,
    judged_count: int | None = None,
    observed: float | None = None,
    unexpected_count: int | None = None,
    detail: str | None = None,
) -> GateResult:
    return GateResult(
        suite=expectation.suite,
        table=expectation.table,
        id=expectation.id,
        expectation=expectation.expectation,
        column=", ".join(expectation.columns) or None,
        severity=expectation.severity,
        status=status,
        observed=observed,
        unexpected_count=unexpected_count,
        judged_count=judged_count,
        row_count=row_count,
        threshold=expectation.threshold,
        bound=expectation.bound,
        why=expectation.why,
        detail=detail,
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _count(value: int | None) -> str:
    return "an unknown number of" if value is None else f"{value:,}"


def _percent(share: float) -> str:
    return f"{100 * share:.6g} %"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.6f}".rstrip("0")
