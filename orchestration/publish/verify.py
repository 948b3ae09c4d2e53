"""Reads a candidate back as a stranger would, before it can become what readers open."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from orchestration.errors import LiucunError
from orchestration.publish.allow_list import PublishedTable
from orchestration.publish.candidate import RUN_TABLE, SCHEMA, STORAGE_VERSION, RunRow
from orchestration.publish.checksums import CONNECTION, TableChecksum, table_checksum
from orchestration.sql import identifier, literal


def verify_candidate(
    directory: Path, tables: Sequence[PublishedTable], checksums: Mapping[str, TableChecksum], run: RunRow
) -> None:
    """Holds the candidate in ``directory`` against the allow-list and the warehouse's ``checksums``.

    A fresh read-only connection must find the storage version, exactly the tables and columns allowed with
    their comments, the run's row, and equal checksums in the file and in the Parquet. Raises LiucunError with
    every difference, naming tables and columns and no values.
    """
    expected = (*tables, RUN_TABLE)
    problems = _wrong_files(directory, expected)
    if not problems:
        with duckdb.connect(str(directory / "marts.duckdb"), read_only=True, config=dict(CONNECTION)) as connection:
            problems += _wrong_storage(connection)
            problems += _wrong_columns(connection, expected)
            if not problems:
                problems += _wrong_run(connection, directory, run)
                for table in tables:
                    problems += _wrong_contents(connection, directory, table, checksums[table.name])
    if problems:
        raise LiucunError(f"The candidate of run {run.run_id} is not fit to be published: {'; '.join(problems)}.")


def _parquet(directory: Path, table: PublishedTable) -> str:
    return f"read_parquet({literal(str(directory / 'parquet' / table.name) + '.parquet')})"


def _wrong_files(directory: Path, tables: Sequence[PublishedTable]) -> list[str]:
    expected = {"marts.duckdb"} | {f"parquet/{table.name}.parquet" for table in tables}
    found = {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()} - {"manifest.json"}
    missing = [f"{name} is missing" for name in sorted(expected - found)]
    return missing + [f"{name} does not belong there" for name in sorted(found - expected)]


def _wrong_storage(connection: duckdb.DuckDBPyConnection) -> list[str]:
    query = "select tags['storage_version'] from duckdb_databases() where database_name = current_database()"
    version = str(connection.execute(query).fetchall()[0][0])
    # It reads `v1.4.0+`: from that version on.
    if version.rstrip("+") == STORAGE_VERSION:
        return []
    return [f"its storage version is {version}, not {STORAGE_VERSION}"]


def _wrong_columns(connection: duckdb.DuckDBPyConnection, tables: Sequence[PublishedTable]) -> list[str]:
    expected = {f"{t.name}": (t.comment, [(c.name, c.comment) for c in t.columns]) for t in tables}
    found: dict[str, tuple[str | None, list[tuple[str, str | None]]]] = {}
    for schema, name, comment in connection.execute(
        "select schema_name, table_name, comment from duckdb_tables() where not internal union all "
        "select schema_name, view_name, comment from duckdb_views() where not internal"
    ).fetchall():
        found[name if schema == SCHEMA else f"{schema}.{name}"] = (comment, [])
    for name, column, comment in connection.execute(
        "select table_name, column_name, comment from duckdb_columns() "
        "where schema_name = ? and not internal order by column_index",
        [SCHEMA],
    ).fetchall():
        found[name][1].append((column, comment))
    problems = [f"table {name} is missing" for name in sorted(expected.keys() - found.keys())]
    problems += [f"table {name} is not on the allow-list" for name in sorted(found.keys() - expected.keys())]
    for name in sorted(expected.keys() & found.keys()):
        if [column for column, _ in expected[name][1]] != [column for column, _ in found[name][1]]:
            problems.append(f"the columns of {name} are not the allowed ones in their order")
        elif expected[name] != found[name]:
            problems.append(f"a comment of {name} is not its description")
    return problems


def _wrong_run(connection: duckdb.DuckDBPyConnection, directory: Path, run: RunRow) -> list[str]:
    expected = [(run.run_id, run.as_of_date, run.known_on)]
    return [
        f"{what} does not name the run"
        for what, relation in (("marts.run", f"{SCHEMA}.run"), ("run.parquet", _parquet(directory, RUN_TABLE)))
        if connection.execute(f"select run_id, as_of_date, known_on from {relation}").fetchall() != expected
    ]


def _wrong_contents(
    connection: duckdb.DuckDBPyConnection, directory: Path, table: PublishedTable, built: TableChecksum
) -> list[str]:
    return [
        f"{what} has other rows than {table.schema}.{table.identifier}"
        for what, relation in (
            (f"marts.{table.name}", f"{SCHEMA}.{identifier(table.name)}"),
            (f"{table.name}.parquet", _parquet(directory, table)),
        )
        if table_checksum(connection, relation, table.column_names) != built
    ]
