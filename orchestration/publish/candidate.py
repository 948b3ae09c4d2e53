"""Builds what readers will open: a DuckDB file from nothing, and the same tables as Parquet.

From nothing and from an allow-list: a table dropped from a copy of the warehouse would leave its bytes
behind.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from orchestration.errors import LiucunError
from orchestration.publish.allow_list import RESERVED, PublishedColumn, PublishedTable
from orchestration.publish.checksums import CONNECTION, TableChecksum, table_checksum
from orchestration.sql import identifier, literal

STORAGE_VERSION = "v1.4.0"
"""The oldest DuckDB that opens the published file; the writer's own default would shut out 1.x readers."""

SCHEMA = "main"
"""Where the tables lie in the file. Its database is named after the file, so readers write
``marts.<table>``; a schema of the same name would make just that ambiguous to DuckDB, and break every tool
that writes "schema"."table"."""

Built = Mapping[tuple[str, str], Mapping[str, str]]
"""Types of the columns of each table in the warehouse, by schema and table."""


@dataclass(frozen=True)
class RunRow:
    """The one row of ``marts.run``, by which a reader knows what it is looking at."""

    run_id: str
    as_of_date: date
    known_on: date


RUN_TABLE = PublishedTable(
    name=RESERVED,
    description="One row: the run that made this file",
    grain=("run_id",),
    columns=(
        PublishedColumn("run_id", "VARCHAR", "Id of the run, also the name of its folder", "运行编号"),
        PublishedColumn("as_of_date", "DATE", "Business dates up to and including this day count", "统计截止日"),
        PublishedColumn("known_on", "DATE", "Loads up to and including this day were used", "数据已知日"),
    ),
    label_zh="本次运行",
    schema="",
    identifier=RESERVED,
)


def build_candidate(
    warehouse_file: Path,
    tables: Sequence[PublishedTable],
    target_dir: Path,
    run: RunRow,
    threads: int | None = None,
    memory_limit: str | None = None,
) -> dict[str, TableChecksum]:
    """Writes ``target_dir/marts.duckdb`` and ``target_dir/parquet/<table>.parquet`` from the warehouse.

    Rows lie in the order of the grain. Returns rows and checksum per table as they are in the warehouse, for
    ``verify_candidate`` to hold against what was written. The warehouse is opened read-only: every connection
    that writes it, in this process too, must be closed before. Raises LiucunError where a table, a column or
    a type is not what the contract says.
    """
    if not warehouse_file.is_file():
        raise LiucunError(f"{warehouse_file} does not exist: the marts must be built before they are published.")
    (target_dir / "parquet").mkdir(parents=True, exist_ok=True)
    spill = target_dir / ".spill"
    settings: dict[str, str | bool | int | float | list[str]] = {**CONNECTION, "temp_directory": str(spill)}
    if threads:
        settings["threads"] = threads
    if memory_limit:
        settings["memory_limit"] = memory_limit
    with duckdb.connect(":memory:", config=settings) as connection:
        connection.execute(f"attach {literal(str(warehouse_file))} as warehouse (read_only)")
        target = literal(str(target_dir / "marts.duckdb"))
        connection.execute(f"attach {target} as published (storage_version {literal(STORAGE_VERSION)})")
        built = _built(connection)
        checksums = {table.name: _copy(connection, table, built, target_dir, run) for table in tables}
        _write_run(connection, target_dir, run)
        connection.execute("checkpoint published")
        connection.execute("detach published")
    shutil.rmtree(spill, ignore_errors=True)
    return checksums


def _copy(
    connection: duckdb.DuckDBPyConnection, table: PublishedTable, built: Built, target_dir: Path, run: RunRow
) -> TableChecksum:
    # One transaction for the table and the comments on its columns, each of which would be one of its own.
    connection.execute("begin")
    _create(connection, table)
    _require_same_types(connection, table, built)
    source = f"warehouse.{identifier(table.schema)}.{identifier(table.identifier)}"
    names = ", ".join(identifier(name) for name in table.column_names)
    order = ", ".join(f"{identifier(name)} asc nulls last" for name in table.grain)
    target = f"published.{SCHEMA}.{identifier(table.name)}"
    connection.execute(f"insert into {target} ({names}) select {names} from {source} order by {order}")
    connection.execute("commit")
    _export(connection, table, target_dir, run)
    return table_checksum(connection, source, table.column_names)


def _create(connection: duckdb.DuckDBPyConnection, table: PublishedTable) -> None:
    relation = f"published.{SCHEMA}.{identifier(table.name)}"
    columns = ", ".join(f"{identifier(column.name)} {column.data_type}" for column in table.columns)
    connection.execute(f"create table {relation} ({columns})")
    connection.execute(f"comment on table {relation} is {literal(table.comment)}")
    for column in table.columns:
        connection.execute(f"comment on column {relation}.{identifier(column.name)} is {literal(column.comment)}")


def _require_same_types(connection: duckdb.DuckDBPyConnection, table: PublishedTable, built: Built) -> None:
    # Compared after DuckDB has read both: `numeric(18, 2)` and `DECIMAL(18,2)` are one type.
    actual = built.get((table.schema, table.identifier))
    relation = f"published.{SCHEMA}.{table.name}"
    promised = dict(connection.execute("select name, type from pragma_table_info(?)", [relation]).fetchall())
    if not actual:
        raise LiucunError(
            f"{table.schema}.{table.identifier} is published but is not in the warehouse: build it first."
        )
    differences = [
        f"{name} is {actual.get(name, 'missing')}, its contract says {data_type}"
        for name, data_type in promised.items()
        if actual.get(name) != data_type
    ]
    if differences:
        raise LiucunError(f"{table.schema}.{table.identifier} breaks its contract: {'; '.join(differences)}.")


def _built(connection: duckdb.DuckDBPyConnection) -> Built:
    found: dict[tuple[str, str], dict[str, str]] = {}
    query = "select schema_name, table_name, column_name, data_type from duckdb_columns() where database_name = ?"
    for schema, table, column, data_type in connection.execute(query, ["warehouse"]).fetchall():
        found.setdefault((schema, table), {})[column] = data_type
    return found


def _export(connection: duckdb.DuckDBPyConnection, table: PublishedTable, target_dir: Path, run: RunRow) -> None:
    path = literal(str(target_dir / "parquet" / f"{table.name}.parquet"))
    # The run in the file's own metadata lets a reader of several files see that they belong together.
    metadata = f"{{run_id: {literal(run.run_id)}, as_of_date: {literal(run.as_of_date.isoformat())}}}"
    options = f"format parquet, compression zstd, kv_metadata {metadata}"
    connection.execute(f"copy published.{SCHEMA}.{identifier(table.name)} to {path} ({options})")


def _write_run(connection: duckdb.DuckDBPyConnection, target_dir: Path, run: RunRow) -> None:
    _create(connection, RUN_TABLE)
    values = [run.run_id, run.as_of_date, run.known_on]
    connection.execute(f"insert into published.{SCHEMA}.run values (?, ?, ?)", values)
    _export(connection, RUN_TABLE, target_dir, run)
