"""Kept runs without erased people: the file is built from nothing again, a deleted row would leave its bytes behind."""

import json
from collections.abc import Collection
from pathlib import Path

import duckdb

from orchestration.files import remove_tree, seal, sync, write_json
from orchestration.publish.candidate import STORAGE_VERSION
from orchestration.publish.checksums import CONNECTION, TableChecksum, table_checksum
from orchestration.sql import identifier, literal, parquet_scan

Columns = dict[str, list[tuple[str, str, str | None]]]


def redact_run(run: Path, customers: Collection[str], *, again: bool = False) -> int:
    """Take these customers out of a published run; the number of tables that had them.

    Rows of theirs go, in every table with a column ``customer_id`` or ``…_customer_id``. Files are replaced one by
    one and the manifest last: a kill in between is healed with ``again``, which does all of it whatever is done.
    """
    work = run.with_name(f".tmp-{run.name}-erased")
    remove_tree(work)
    (work / "parquet").mkdir(parents=True)
    with duckdb.connect(":memory:", config={**CONNECTION, "temp_directory": str(work / ".spill")}) as con:
        con.execute(f"attach {literal(str(run / 'marts.duckdb'))} as before (read_only)")
        columns = _columns(con)
        theirs = {table: _conditions(columns[table], customers) for table in columns}
        found = [t for t, condition in theirs.items() if condition and _holds(con, run, t, condition)]
        tables = [t for t, condition in theirs.items() if condition] if again else found
        if not tables:
            remove_tree(work)
            return 0
        checksums = _rebuild(con, work, columns, theirs, tables)
    remove_tree(work / ".spill")
    _replace(run, work, checksums)
    return len(tables)


def _columns(con: duckdb.DuckDBPyConnection) -> Columns:
    found: Columns = {}
    for table, name, kind, comment in con.execute(
        "select table_name, column_name, data_type, comment from duckdb_columns() "
        "where database_name = 'before' and not internal order by table_name, column_index"
    ).fetchall():
        found.setdefault(table, []).append((name, kind, comment))
    return found


def _conditions(columns: list[tuple[str, str, str | None]], customers: Collection[str]) -> str | None:
    wanted = ", ".join(literal(customer) for customer in sorted(customers))
    named = [n for n, kind, _ in columns if kind == "VARCHAR" and (n == "customer_id" or n.endswith("_customer_id"))]
    tests = [f"coalesce({identifier(name)} in ({wanted}), false)" for name in named]
    return "(" + " or ".join(tests) + ")" if tests and wanted else None


def _holds(con: duckdb.DuckDBPyConnection, run: Path, table: str, condition: str) -> bool:
    relations = (f"before.{identifier(table)}", parquet_scan(run / "parquet" / f"{table}.parquet"))
    return any(con.execute(f"select count(*) from {r} where {condition}").fetchall()[0][0] for r in relations)


def _rebuild(
    con: duckdb.DuckDBPyConnection, work: Path, columns: Columns, theirs: dict[str, str | None], tables: list[str]
) -> dict[str, TableChecksum]:
    target = literal(str(work / "marts.duckdb"))
    con.execute(f"attach {target} as after (storage_version {literal(STORAGE_VERSION)})")
    comments = dict(
        con.execute("select table_name, comment from duckdb_tables() where database_name = 'before'").fetchall()
    )
    checksums = {}
    for table, described in columns.items():
        name = f"after.main.{identifier(table)}"
        con.execute(f"create table {name} ({', '.join(f'{identifier(c)} {kind}' for c, kind, _ in described)})")
        _comment(con, f"table {name}", comments.get(table))
        for column, _, comment in described:
            _comment(con, f"column {name}.{identifier(column)}", comment)
        stays = f" where not {theirs[table]}" if theirs[table] else ""
        con.execute(f"insert into {name} select * from before.main.{identifier(table)}{stays}")
    run_id, as_of = con.execute("select run_id, as_of_date from before.main.run").fetchall()[0]
    for table in tables:
        name = f"after.main.{identifier(table)}"
        path = literal(str(work / "parquet" / f"{table}.parquet"))
        metadata = f"{{run_id: {literal(run_id)}, as_of_date: {literal(as_of.isoformat())}}}"
        con.execute(f"copy {name} to {path} (format parquet, compression zstd, kv_metadata {metadata})")
        checksums[table] = table_checksum(con, name, [column for column, _, _ in columns[table]])
    con.execute("checkpoint after")
    con.execute("detach after")
    return checksums


def _comment(con: duckdb.DuckDBPyConnection, on: str, text: str | None) -> None:
    if text is not None:
        con.execute(f"comment on {on} is {literal(text)}")


def _replace(run: Path, work: Path, checksums: dict[str, TableChecksum]) -> None:
    seal(work)
    for folder in (run, run / "parquet", work, work / "parquet"):
        folder.chmod(0o755)
    for fresh in (work / "marts.duckdb", *sorted((work / "parquet").iterdir())):
        fresh.replace(run / fresh.relative_to(work))
    sync(run / "parquet")
    sync(run)
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    manifest["tables"] |= checksums
    write_json(run / "manifest.json", manifest)
    seal(run)
    remove_tree(work)
