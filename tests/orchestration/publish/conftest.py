"""Tiny warehouses, and runs published from them as the daily job does it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from orchestration.folders import Folders
from orchestration.publish.allow_list import PublishedColumn, PublishedTable
from orchestration.publish.candidate import RunRow, build_candidate
from orchestration.publish.checksums import TableChecksum
from orchestration.publish.manifest import Kind, Manifest, write_manifest
from orchestration.publish.pointer import flip
from orchestration.publish.runs import publish, staging_directory
from orchestration.publish.state import StateRun, chain, write_state

Built = tuple[Path, dict[str, TableChecksum], RunRow]


def _table(name: str, schema: str, grain: tuple[str, ...], **columns: str) -> PublishedTable:
    described = tuple(PublishedColumn(c, t, f"What {c} means", f"{c} 的含义") for c, t in columns.items())
    return PublishedTable(name, f"It's {name}", grain, described, "表", schema, name)


TABLES = (
    _table("dim_customer", "core", ("customer_id",), customer_id="VARCHAR", city="VARCHAR", serial="BIGINT"),
    _table(
        "mart_sales",
        "marts",
        ("month_start",),
        month_start="DATE",
        net_amount="DECIMAL(18,2)",
        return_rate="DOUBLE",
        seen_at="TIMESTAMP WITH TIME ZONE",
        serial="BIGINT",
    ),
)


def fill_warehouse(file: Path, serial: int) -> None:
    """A warehouse whose every row carries ``serial``, with a column and a table that nobody may see."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema if not exists core; create schema if not exists marts")
        connection.execute(f"""
            create or replace table core.dim_customer as
            select 'c' || (999 - i) as customer_id, if(i % 3 = 0, null, '上海') as city,
                cast({serial} as bigint) as serial, '1380013' || lpad(cast(i as varchar), 4, '0') as phone
            from range(500) as r(i);
            create or replace table marts.mart_sales as
            select date '2017-12-01' - to_months(cast(i as integer)) as month_start,
                cast(i * 10.25 + {serial} as decimal(18, 2)) as net_amount, round(i / 7.0, 9) as return_rate,
                timestamptz '2017-12-31 20:00:00+08' as seen_at, cast({serial} as bigint) as serial
            from range(24) as r(i);
            alter table marts.mart_sales alter month_start type date;
            create or replace table marts.mart_kpi_daily as
            select date '2017-12-31' as date_on, 'retention_rate' as metric, cast(0.5 as double) as value;
            create or replace table core.secret as select 1 as one;
        """)


def build(directory: Path, serial: int = 1, threads: int = 1, tables: tuple[PublishedTable, ...] = TABLES) -> Built:
    """An unverified candidate in ``directory``, from a warehouse filled beside it."""
    file = directory.with_name(f"{directory.name}.warehouse.duckdb")
    fill_warehouse(file, serial)
    row = RunRow(f"2017-12-31T{serial:06d}-ab12", date(2017, 12, 31), date(2018, 1, 1))
    return directory, build_candidate(file, tables, directory, row, threads, "1GB"), row


@dataclass
class Warehouse:
    """Publishes runs one after another. Their files are empty: where they lie is what matters here."""

    folders: Folders
    made: list[str] = field(default_factory=list)

    def stage(self, kind: Kind = "daily", loads: tuple[str, ...] | None = None) -> tuple[str, Path, StateRun]:
        """A candidate in its staging folder, with its manifest; nothing is published yet."""
        number = len(self.made) + 1
        run_id = f"2017-12-31T{number:06d}-ab12"
        self.made.append(run_id)
        links = chain(self.folders)
        parent = links[-1].run_id if links else None
        staging = staging_directory(self.folders, run_id)
        (staging / "parquet").mkdir()
        (staging / "parquet" / "mart_sales.parquet").touch()
        (staging / "marts.duckdb").touch()
        manifest = Manifest(
            run_id=run_id,
            parent=parent,
            kind=kind,
            as_of_date=date(2017, 12, 31),
            known_on=date(2018, 1, 1),
            created_at=datetime(2018, 1, 1, 2, tzinfo=UTC) + timedelta(minutes=number),
            versions={"liucun": "0.1.0"},
            loads=tuple({"load_id": load} for load in (loads or (f"load-{number}",))),
            tables={"mart_sales": {"rows": 24, "checksum": "24:1"}},
        )
        write_manifest(staging, manifest)
        return run_id, staging, StateRun(run_id, parent, manifest.as_of_date, len(links) + 1)

    def run(self, kind: Kind = "daily", loads: tuple[str, ...] | None = None, copy_of: Path | None = None) -> str:
        """One whole run; its state is one row that names it, its files are those of ``copy_of`` if given."""
        run_id, staging, link = self.stage(kind, loads)
        if copy_of:
            shutil.copytree(copy_of, staging, dirs_exist_ok=True)
        publish(self.folders, staging, run_id)
        if kind == "daily":
            write_state(self.folders, link, {"history": pa.table({"made_by": [run_id]})})
            flip(self.folders, run_id)
        return run_id


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """A warehouse in which nothing has run yet."""
    return Warehouse(Folders(tmp_path / "demo"))


@pytest.fixture
def tables() -> tuple[PublishedTable, ...]:
    """What the candidates below may hold."""
    return TABLES


@pytest.fixture
def described_table() -> Callable[..., PublishedTable]:
    """Makes an allowed table from its name, schema, grain and columns with their types."""
    return _table


@pytest.fixture(scope="session")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("built") / "candidate")


@pytest.fixture
def candidate(_built: Built, tmp_path: Path) -> Built:
    """Directory, checksums and run of a sound candidate, for one test to damage."""
    directory, checksums, row = _built
    return shutil.copytree(directory, tmp_path / "candidate"), checksums, row


@pytest.fixture
def build_one(tmp_path: Path) -> Callable[..., Built]:
    """Builds a candidate with given serial, threads or tables under a name in the test's own folder."""
    return lambda name="own", **options: build(tmp_path / name, **options)
