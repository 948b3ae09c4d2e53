"""The page shows failures first, escapes what suites say and loads nothing."""

import re
from pathlib import Path
from typing import Any

from data_quality.gate import GateReport, GateResult
from data_quality.report import write_report


def result(id_: str, status: Any, severity: Any = "critical", **fields: Any) -> GateResult:
    given: dict[str, Any] = {
        "suite": "raw", "table": "orders", "id": id_, "expectation": "expect_column_values_to_not_be_null",
        "column": "金额", "severity": severity, "status": status, "observed": 0.25, "unexpected_count": 3,
        "judged_count": 4, "row_count": 1234, "threshold": 0.5, "bound": None, "why": "agreed", "detail": None,
    }  # fmt: skip
    return GateResult(**given | fields)


def test_what_blocks_comes_first_and_what_passed_last(tmp_path: Path) -> None:
    results = (
        result("fine", "passed"),
        result("small", "too_few_rows"),
        result("odd", "failed", "warning"),
        result("bad", "failed"),
        result("unknown", "not_evaluated", "warning", detail="BinderException"),
    )
    write_report([GateReport(results)], tmp_path / "gates.html")
    page = (tmp_path / "gates.html").read_text(encoding="utf-8")
    assert re.findall(r"<td>(\w+) <small>", page) == ["unknown", "bad", "odd", "small", "fine"]
    assert "raw: refused" in page
    assert "agreed [BinderException]" in page
    assert "1,234" in page


def test_the_page_escapes_suites_and_needs_no_network(tmp_path: Path) -> None:
    write_report(
        [GateReport((result("a", "failed", why="<script>x</script>", column="a<b"),))], tmp_path / "g" / "p.html"
    )
    page = (tmp_path / "g" / "p.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "a&lt;b" in page
    assert not re.search(r"https?:|src=|href=|@import|url\(", page)


def test_a_newer_page_replaces_the_older_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    page = tmp_path / "gates.html"
    write_report([GateReport((result("a", "failed"),))], page)
    write_report([GateReport((result("b", "passed"),)), GateReport(())], page)
    assert "raw: passed" in page.read_text(encoding="utf-8")
    assert [entry.name for entry in tmp_path.iterdir()] == ["gates.html"]
