"""Whatever a CSV writer can write comes back as it was, in every encoding, quoting and line end."""

import csv
import io
import json
import tempfile
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.ingest.contract import Column, SourceObject
from orchestration.ingest.landing import LandingFile, LandingLoad
from orchestration.ingest.receive import receive

COLUMNS = ["客户编号", "名称", "备注", "b"]
UGLY = st.sampled_from(
    ['"', '""', '"a', 'a"b', "a\nb", "a\r\nb", "\r", "\n", ",", "a,b", "NULL", "\\N", "nan", " x ", "\u3000", "\ufeffx",
     "é", "𠮷", "😀", "a\u2028b", "=1+1", "#c", "\\", "\\n", "'", "x" * 3000, "<html>", "\x1a", "\x85", "\x0b"]
)  # fmt: skip
# Private characters are left out: many of them mean that the encoding was guessed wrong, and refuse the file.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Co"], exclude_characters="\0"), max_size=8)
CELL = st.one_of(st.just(""), st.sampled_from(["张三", "北京", "138"]), UGLY, TEXT)
TABLE = st.lists(st.tuples(CELL, CELL, CELL), max_size=12)


def spec(format_name: str) -> SourceObject:
    columns = {f"c{i}": Column(type="VARCHAR", headers=[name]) for i, name in enumerate(COLUMNS)}
    return SourceObject(
        name="things", files="*", format=format_name, mode="snapshot", primary_key=["c0"], columns=columns
    )


def read_back(content: bytes, format_name: str) -> list[tuple[str | None, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "things"
        path.write_bytes(content)
        file = LandingFile(path, len(content), path.stat().st_mtime_ns, "0")
        load = LandingLoad("crm", "things", date(2025, 1, 1), (file,), "0" * 16)
        received = receive(load, spec(format_name), Path(folder) / "incoming")
        assert received.refusals == ()
        assert (received.manifest.rejected_count, received.manifest.unknown_columns) == (0, ())
        return duckdb.sql(f"select c0, c1, c2, c3 from '{received.data}' order by _row").fetchall()


def rows_of(table: list[tuple[str, str, str]]) -> list[tuple[str, ...]]:
    return [(f"键{number}", *cells) for number, cells in enumerate(table)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=TABLE, all_quoted=st.booleans(), line_end=st.sampled_from(["\r\n", "\n"]))
def test_any_table_written_as_csv_comes_back(encoding, table, all_quoted, line_end):
    out = io.StringIO(newline="")
    # With LF alone Python leaves a lone CR unquoted, which no reader can tell from a line end.
    quoting = csv.QUOTE_ALL if all_quoted or line_end == "\n" else csv.QUOTE_MINIMAL
    writer = csv.writer(out, quoting=quoting, lineterminator=line_end)
    writer.writerow(COLUMNS)
    # Enough Chinese that the encoding can be told from the bytes, as in any real extract.
    rows = [("样本客户编号", "北京市朝阳区建国路", "普通客户备注信息" * 10, ""), *rows_of(table)]
    writer.writerows(rows)
    content = out.getvalue().encode(encoding)
    assert read_back(content, "csv") == [tuple(cell or None for cell in row) for row in rows]


@settings(max_examples=60, deadline=None)
@given(table=TABLE, is_ascii=st.booleans())
def test_any_table_written_as_json_lines_comes_back(table, is_ascii):
    rows = rows_of(table)
    lines = [json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=is_ascii) for row in rows]
    assert read_back("\n".join(["", *lines]).encode() or b"\n", "jsonl") == [
        tuple(cell or None for cell in row) for row in rows
    ]


def test_a_large_table_with_rejects_and_line_breaks_in_quotes_keeps_every_row_in_order():
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    expected = []
    for number in range(60_000):
        row = (str(number), ["a\r\nb", 'q"', "x", "中,文"][number % 4], "pad" * 100, "")
        expected.append((*row[:3], None))
        writer.writerow(row)
    content = out.getvalue().encode()
    assert len(content) > 16 << 20
    assert read_back(content, "csv") == expected
