"""What docs/reading.md tells readers to type works on a published run."""

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.folders import Folders
from orchestration.publish.status import write_status

GUIDE = (Path(__file__).parents[3] / "docs" / "reading.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def published(warehouse, build_one, tables, described_table):
    kpis = described_table(
        "mart_kpi_daily", "marts", ("date_on", "metric"), date_on="DATE", metric="VARCHAR", value="DOUBLE"
    )
    directory, _, _ = build_one(tables=(*tables, kpis))
    warehouse.run(copy_of=directory)
    write_status(warehouse.folders, "refused", "30 % empty phones", None, datetime(2018, 1, 2, tzinfo=UTC))
    shutil.copytree(warehouse.folders.root, warehouse.folders.root.parent / "var" / "demo", symlinks=True)
    return Folders(warehouse.folders.root.parent / "var" / "demo")


def test_every_python_example_runs(published):
    examples = _blocks("python")
    assert len(examples) == 3
    done = [
        subprocess.run([sys.executable, "-c", code], cwd=published.root.parents[1], capture_output=True, text=True)
        for code in examples
    ]
    assert [(run.returncode, run.stderr) for run in done] == [(0, "")] * 3
    assert done[2].stdout == "Figures up to 2017-12-31: the last attempt was refused, 30 % empty phones\n"


def test_every_sql_example_runs_on_a_locked_connection(published):
    config = {"enable_external_access": "false", "lock_configuration": "true"}
    file = str((published.published / "current").resolve() / "marts.duckdb")
    with duckdb.connect(file, read_only=True, config=config) as connection:
        answers = [connection.execute(query).fetchall() for query in _blocks("sql")[0].split(";") if query.strip()]
    assert len(answers) == 4
    assert all(answers)


def test_a_locked_reader_can_neither_open_another_file_nor_unlock_itself(published):
    config = {"enable_external_access": "false", "lock_configuration": "true"}
    with duckdb.connect(
        str(published.published / "current" / "marts.duckdb"), read_only=True, config=config
    ) as connection:
        with pytest.raises(duckdb.Error):
            connection.execute(f"attach '{published.root / 'other.duckdb'}' as other")
        with pytest.raises(duckdb.Error):
            connection.execute("set enable_external_access = true")


@pytest.mark.parametrize("name", ["mart_sales", "marts.mart_sales", "main.mart_sales", '"main"."mart_sales"'])
def test_readers_may_write_a_table_with_or_without_its_database(candidate, name: str):
    with duckdb.connect(str(candidate[0] / "marts.duckdb"), read_only=True) as connection:
        assert connection.execute(f"select count(*) from {name}").fetchall() == [(24,)]
