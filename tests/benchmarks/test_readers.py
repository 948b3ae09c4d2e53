"""The verdict on readers: what a read compares, and what makes the benchmark fail."""

import json

import duckdb
import pytest

from benchmarks.reader import read
from benchmarks.readers import report
from benchmarks.work import Broken
from orchestration.publish.checksums import table_checksum


def published(tmp_path, run="r1", rows=3):
    folder = tmp_path / "published" / "runs" / run
    (folder / "parquet").mkdir(parents=True)
    with duckdb.connect(str(folder / "marts.duckdb")) as con:
        con.execute(f"create table run as select '{run}' as run_id")
        con.execute(f"create table mart_a as select range as n from range({rows})")
        for name in ("run", "mart_a"):
            con.execute(f"copy {name} to '{folder / 'parquet' / name}.parquet'")
        tables = {"mart_a": table_checksum(con, "mart_a", ["n"])}
    (folder / "manifest.json").write_text(json.dumps({"tables": tables}))
    link = tmp_path / "published" / "current"
    link.unlink(missing_ok=True)
    link.symlink_to(f"runs/{run}")
    return folder


def test_a_whole_run_is_read_without_error(tmp_path):
    published(tmp_path)
    assert read(tmp_path / "published") == {"run": "r1", "torn": [], "error": None}


def test_rows_of_another_run_are_a_torn_read(tmp_path):
    other = published(tmp_path, "r0", rows=4)
    run = published(tmp_path)
    (run / "parquet" / "mart_a.parquet").write_bytes((other / "parquet" / "mart_a.parquet").read_bytes())
    assert read(tmp_path / "published")["torn"] == ["mart_a"]


def test_a_missing_file_is_an_error(tmp_path):
    (published(tmp_path) / "parquet" / "mart_a.parquet").unlink()
    assert "mart_a.parquet" in str(read(tmp_path / "published")["error"])


def line(run="r1", torn=(), error=None):
    return {"run": run, "torn": list(torn), "error": error}


def test_reads_that_only_go_forward_pass():
    assert "0" in report([[line("r1"), line("r1"), line("r2")]], flips=2, seconds=1.0)


@pytest.mark.parametrize(
    ("reads", "named"),
    [
        ([line(torn=["mart_a"])], "torn mart_a"),
        ([line(None, error="IOException: gone")], "IOException"),
        ([line("r2"), line("r1")], "older run"),
    ],
)
def test_errors_torn_reads_and_steps_back_fail_the_benchmark(reads, named):
    with pytest.raises(Broken, match=named):
        report([reads], flips=2, seconds=1.0)
