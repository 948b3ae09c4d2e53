"""The files for the CRMs: each source its own ids, whole or not at all, and readable by Excel."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import LiucunError
from orchestration.exports import FILE, write_exports

ROWS = [
    (
        "crm",
        "10",
        "C1",
        "yes",
        "平均7天购买一次，已23天未购买",
        "buys every 7 days on average, has not bought for 23 days",
    ),
    ("crm", "007", "C2", "no", None, None),
    (
        "app",
        '欧"阳',
        "C1",
        "yes",
        "平均7天购买一次，已23天未购买",
        "buys every 7 days on average, has not bought for 23 days",
    ),
]
HEADER = ["source_customer_id", "customer_id", "marketing_allowed", "reason_1_zh", "reason_1_en"]


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("create schema core")
        columns = ", ".join(f"{name} varchar" for name in ("source", *HEADER))
        con.execute(f"create table core.fct_customer_export ({columns})")
        con.executemany("insert into core.fct_customer_export values (?, ?, ?, ?, ?, ?)", [list(row) for row in ROWS])
        yield con


def lines(path: Path) -> list[list[str]]:
    """What a program reads that takes the mark for UTF-8 and the rest for CSV."""
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_each_source_gets_its_own_ids_in_order_and_the_columns_of_the_model(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert write_exports(warehouse, tmp_path) == {"app": 1, "crm": 2}
    assert lines(tmp_path / "crm" / FILE) == [HEADER, ["007", "C2", "no", "", ""], ["10", *ROWS[0][2:]]]
    assert lines(tmp_path / "app" / FILE) == [HEADER, ['欧"阳', *ROWS[2][2:]]]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["app", "crm", FILE, FILE]


def test_the_same_figures_make_the_same_bytes_whatever_the_order_of_rows(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    write_exports(warehouse, tmp_path)
    before = (tmp_path / "crm" / FILE).read_bytes()
    warehouse.execute(
        "create or replace table core.fct_customer_export as from core.fct_customer_export order by all desc"
    )
    write_exports(warehouse, tmp_path)
    assert (tmp_path / "crm" / FILE).read_bytes() == before


def test_files_that_cannot_all_be_written_leave_the_old_ones_whole(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    write_exports(warehouse, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob(FILE)}
    warehouse.execute("update core.fct_customer_export set marketing_allowed = 'no'")
    blocked = tmp_path / "crm" / f".{FILE}.tmp"
    blocked.mkdir()
    with pytest.raises(LiucunError, match=r"could not be written.*run again"):
        write_exports(warehouse, tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob(FILE)} == before
    blocked.rmdir()
    write_exports(warehouse, tmp_path)
    assert {row[2] for path in before for row in lines(path)[1:]} == {"no"}
    assert [path.name for path in tmp_path.rglob(".*")] == []


def test_whoever_reads_the_old_file_reads_it_to_the_end(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    write_exports(warehouse, tmp_path)
    with (tmp_path / "crm" / FILE).open("rb") as file:
        start = file.read(10)
        warehouse.execute("delete from core.fct_customer_export where source_customer_id = '10'")
        write_exports(warehouse, tmp_path)
        assert "已23天未购买" in (start + file.read()).decode("utf-8-sig")
    assert len(lines(tmp_path / "crm" / FILE)) == 2


def test_a_source_without_customers_loses_its_file_and_nothing_else(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    write_exports(warehouse, tmp_path)
    (tmp_path / "crm" / "notes.txt").write_text("ours")
    warehouse.execute("delete from core.fct_customer_export where source = 'crm'")
    assert write_exports(warehouse, tmp_path) == {"app": 1}
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")) == [
        f"app/{FILE}",
        "crm/notes.txt",
    ]
