"""Raw loads as views in the warehouse's database, and the ledger as small tables beside them."""

import contextlib
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.files import sync
from orchestration.folders import Folders
from orchestration.ingest.contract import Source, SourceObject
from orchestration.ingest.ledger import Accepted
from orchestration.ingest.raw_files import files_of, raw_columns, scan_of
from orchestration.sql import identifier


def contract_file(connection: duckdb.DuckDBPyConnection, folders: Folders, source: str, spec: SourceObject) -> Path:
    """The zero-row Parquet file of an object, written anew when the contract's columns changed."""
    path = folders.raw / source / spec.name / "_contract" / "data.parquet"
    columns = raw_columns(spec)
    empty = ", ".join(f"null::{kind} as {identifier(name)}" for name, kind in columns.items())
    table = connection.sql(f"select {empty} limit 0").to_arrow_table()
    if not _has_schema(path, table.schema):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(".data.parquet.new")
        pq.write_table(table, beside)
        sync(beside)
        beside.replace(path)
    return path


def _has_schema(path: Path, schema: pa.Schema) -> bool:
    try:
        return bool(pq.read_schema(path).equals(schema))
    except (OSError, pa.ArrowException):
        return False


def register_raw(
    connection: duckdb.DuckDBPyConnection,
    folders: Folders,
    sources: Iterable[Source],
    in_force: Iterable[Accepted],
    accepted: Iterable[Accepted] = (),
) -> None:
    """Make ``raw.<source>__<object>`` for every declared object, ``ledger.loads`` and ``ledger.objects``.

    Views read the loads ``in_force`` and the zero-row contract; ``ledger.loads`` also lists the other
    ``accepted`` loads. What stood in these schemas before is replaced, in one transaction.
    """
    sources, in_force = list(sources), list(in_force)
    loads: dict[tuple[str, str], list[Accepted]] = {}
    for load in in_force:
        loads.setdefault(load.key, []).append(load)
    views = []
    for source in sources:
        for spec in source.objects.values():
            files = files_of(connection, folders, spec, loads.get((source.source, spec.name), []))
            contract = contract_file(connection, folders, source.source, spec)
            views.append((f"{source.source}__{spec.name}", scan_of([contract, *files], spec)))
    connection.execute("begin")
    try:
        connection.execute("drop schema if exists raw cascade")
        connection.execute("create schema raw")
        connection.execute("create schema if not exists ledger")
        for name, scan in views:
            connection.execute(f"create view raw.{identifier(name)} as select * from {scan}")
        _ledger_tables(connection, sources, in_force, accepted)
        connection.execute("commit")
    except BaseException:
        # Where the commit itself failed there is nothing to roll back, and its own error is the one to tell.
        with contextlib.suppress(duckdb.Error):
            connection.execute("rollback")
        raise


def _ledger_tables(
    connection: duckdb.DuckDBPyConnection,
    sources: list[Source],
    in_force: list[Accepted],
    accepted: Iterable[Accepted],
) -> None:
    standing = {load.load_id for load in in_force}
    declared = {(source.source, name) for source in sources for name in source.objects}
    loads = {load.load_id: load for load in (*accepted, *in_force) if load.key in declared}
    connection.execute(
        "create or replace table ledger.loads (load_id varchar, source varchar, object varchar, mode varchar, "
        "load_date date, sequence bigint, received_count bigint, loaded_count bigint, rejected_count bigint, "
        "key_duplicate_count bigint, is_in_force boolean)"
    )
    rows = [
        (
            m.load_id, m.source, m.object, m.mode, m.load_date, m.sequence,
            # Records of erased people were received, and nobody may know more of them.
            m.received_count - m.erased_count, m.loaded_count, m.rejected_count, m.key_duplicate_count,
            m.load_id in standing,
        )
        for m in (load.manifest for load in sorted(loads.values(), key=lambda a: (*a.key, a.sequence)))
    ]  # fmt: skip
    if rows:
        # As one table: row by row, the ten thousand loads of two years take seven seconds.
        columns = [pa.array(values) for values in zip(*rows, strict=True)]
        connection.register("accepted_loads", pa.table(columns, names=[f"c{n}" for n in range(len(columns))]))
        connection.execute("insert into ledger.loads select * from accepted_loads")
        connection.unregister("accepted_loads")
    connection.execute(
        "create or replace table ledger.objects (source varchar, object varchar, mode varchar, is_required boolean, "
        "target_days integer)"
    )
    objects = [
        (source.source, spec.name, spec.mode, spec.required, spec.fresh_within_days)
        for source in sources
        for spec in source.objects.values()
    ]
    if objects:
        connection.executemany("insert into ledger.objects values (?, ?, ?, ?, ?)", objects)
