"""The verdicts of a run's gates as one HTML page: counts only, nothing loaded from anywhere, failures first."""

import html
from collections.abc import Sequence
from pathlib import Path

from data_quality.gate import GateReport, GateResult

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; margin: 2rem auto; max-width: 72rem;
       padding: 0 1rem; }
section { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #8884; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.status { font-weight: 600; white-space: nowrap; }
.blocks { color: #c0392b; } .failed { color: #b9770e; } .too_few_rows { color: #7f8c8d; } .passed { color: #1e8449; }
small { color: #7f8c8d; }
"""
_STATUS = {
    "passed": "passed",
    "failed": "failed",
    "not_evaluated": "could not be evaluated",
    "too_few_rows": "too few rows",
}
_ORDER = ("not_evaluated", "failed", "too_few_rows", "passed")
_HEADINGS = ("verdict", "expectation", "table and column", "rows", "judged", "not met", "observed", "threshold", "why")


def write_report(reports: Sequence[GateReport], path: Path) -> None:
    """Write the page for ``reports``, one section per gate in their order; replaces an older page in one step."""
    sections = "".join(_section(report) for report in reports) or "<p>No gate has judged anything.</p>"
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Gates</title>'
        f"<style>{_STYLE}</style></head><body><h1>Gates</h1>{sections}</body></html>\n"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_text(page, encoding="utf-8")
    new.replace(path)


def _section(report: GateReport) -> str:
    suites = " and ".join(dict.fromkeys(result.suite for result in report.results)) or "empty"
    heading = f"{suites}: {'refused' if report.blocks else 'passed'}"
    ordered = sorted(report.results, key=lambda result: (not result.blocks, _ORDER.index(result.status)))
    rows = "".join(map(_row, ordered))
    headings = "".join(f"<th>{heading}</th>" for heading in _HEADINGS)
    return (
        f"<section><h2>{html.escape(heading)}</h2><p>{html.escape(report.paragraph())}</p>"
        f"<table><thead><tr>{headings}</tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _row(result: GateResult) -> str:
    verdict = _STATUS[result.status] + (" (blocks)" if result.blocks else "")
    where = f"{result.table}.{result.column}" if result.column else result.table
    side = {"min": "≥ ", "max": "≤ "}.get(result.bound or "min", "")
    numbers = (
        _number(result.row_count),
        _number(result.judged_count),
        _number(result.unexpected_count),
        _number(result.observed),
        "" if result.threshold is None else side + _number(result.threshold),
    )
    why = f"{result.why} [{result.detail}]" if result.detail else result.why
    return (
        f'<tr><td class="status {"blocks" if result.blocks else result.status}">{verdict}</td>'
        f"<td>{html.escape(result.id)} <small>{result.severity}<br>{html.escape(result.expectation)}</small></td>"
        f"<td>{html.escape(where)}</td>"
        + "".join(f'<td class="number">{number}</td>' for number in numbers)
        + f"<td>{html.escape(why)}</td></tr>"
    )


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.6f}".rstrip("0")
