"""dbt sees what stewards decided as tables that are always there."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import BadInput
from orchestration.ingest.contract import load_source
from orchestration.stewards import labels, overrides
from orchestration.stewards.registered import register

ROOT = Path(__file__).parents[3]
SOURCES = {"canonical": load_source(ROOT / "sources" / "canonical.yml")}
DAY = date(2025, 12, 2)
WriteCsv = Callable[..., Path]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema ledger; create schema state; create schema raw")
        connection.execute("create table state.customer_ids as select 'canonical:1' as record_key")
        connection.execute("create table raw.canonical__customers as select ' 2 ' as customer_id")
        yield connection


def staged(con: duckdb.DuckDBPyConnection, name: str) -> list[tuple[object, ...]]:
    """The rows of a staging model over the ledger."""
    path = ROOT / "dbt_project" / "models" / "staging" / "ledger" / f"stg_ledger__{name}.sql"
    sql = re.sub(r"{{ source\('ledger', '(\w+)'\) }}", r"ledger.\1", path.read_text(encoding="utf-8"))
    return con.execute(sql).fetchall()


def test_without_files_both_tables_are_empty_and_typed(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    notes: list[str] = []
    register(con, tmp_path, SOURCES, DAY, notes.append)
    assert (staged(con, "merge_overrides"), staged(con, "match_labels"), notes) == ([], [], [])
    types = {row[0]: row[1] for row in con.execute("describe ledger.match_labels").fetchall()}
    assert (types["is_same"], types["labelled_at"]) == ("BOOLEAN", "TIMESTAMP")


def test_staging_has_the_decision_in_force_of_each_pair(con: duckdb.DuckDBPyConnection, write_csv: WriteCsv) -> None:
    path = write_csv(
        "merge_overrides.csv",
        ",".join(overrides.COLUMNS),
        "force,canonical:2,canonical:1,first,li,2025-11-01,,,",
        "force,canonical:1,canonical:2,again,li,2025-11-02 17:30:00+08:00,2025-12-02,,",
        "never,canonical:1,canonical:2,over,li,2025-11-03,2025-12-01,,",
        "never,canonical:1,canonical:2,revoked,li,2025-11-04,,wang,2025-11-05",
    )
    register(con, path.parent, SOURCES, DAY, lambda _: None)
    decided = ("canonical:1", "canonical:2", "force", "again", "li", datetime(2025, 11, 2, 9, 30))
    assert staged(con, "merge_overrides") == [decided]
    assert con.execute("select count(*) from ledger.merge_overrides").fetchone() == (4,)


def test_staging_has_every_pair_that_was_drawn(con: duckdb.DuckDBPyConnection, write_csv: WriteCsv) -> None:
    path = write_csv(
        "match_labels.csv",
        ",".join(labels.COLUMNS),
        "canonical:2,canonical:1,auto,400,9.25,yes,li,2025-11-01",
        "canonical:1,canonical:3,below,90000,-3.5,,,",
    )
    register(con, path.parent, SOURCES, DAY, lambda _: None)
    assert staged(con, "match_labels") == [
        (1, "canonical:1", "canonical:2", "auto", 400, 9.25, True, "li", datetime(2025, 11, 1)),
        (2, "canonical:1", "canonical:3", "below", 90000, -3.5, None, None, None),
    ]


def test_records_that_neither_a_run_nor_a_load_has_seen_are_a_note(
    con: duckdb.DuckDBPyConnection, write_csv: WriteCsv
) -> None:
    path = write_csv(
        "merge_overrides.csv",
        ",".join(overrides.COLUMNS),
        "force,canonical:1,canonical:2,seen,li,2025-11-01,,,",
        "never,canonical:1,canonical:3,not seen,li,2025-11-01,,,",
        "never,canonical:8,canonical:9,over,li,2025-11-01,2025-11-30,,",
    )
    notes: list[str] = []
    register(con, path.parent, SOURCES, DAY, notes.append)
    assert len(notes) == 1
    assert notes[0].endswith("waits: canonical:3")
    assert len(staged(con, "merge_overrides")) == 2


def test_a_contradiction_refuses_the_run(con: duckdb.DuckDBPyConnection, write_csv: WriteCsv) -> None:
    path = write_csv(
        "merge_overrides.csv",
        ",".join(overrides.COLUMNS),
        "force,canonical:1,canonical:2,a,li,2025-11-01,,,",
        "never,canonical:2,canonical:1,b,li,2025-11-01,2025-12-02,,",
    )
    with pytest.raises(BadInput, match="row 3 keeps canonical:1 and canonical:2 apart"):
        register(con, path.parent, SOURCES, DAY, lambda _: None)
    register(con, path.parent, SOURCES, date(2025, 12, 3), lambda _: None)
    assert [row[2] for row in staged(con, "merge_overrides")] == ["force"]
