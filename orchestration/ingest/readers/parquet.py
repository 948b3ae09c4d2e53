"""Parquet: the types that the contract declares, or types that fit into them without loss."""

import re
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.ingest.contract import SourceObject
from orchestration.ingest.decode import Unreadable
from orchestration.ingest.readers.stage import Matched, Stage, match_header, one
from orchestration.sql import identifier, literal, parquet_scan

MAX_ROWS_PER_BYTE = 1000
"""A Parquet file of one repeated value can hold billions of rows in a few bytes."""

_ROW_NUMBER = "file_row_number"
_NULL = "NULL"

_WHOLE = {
    "TINYINT": 3,
    "UTINYINT": 3,
    "SMALLINT": 5,
    "USMALLINT": 5,
    "INTEGER": 10,
    "UINTEGER": 10,
    "BIGINT": 19,
}
_FITS = {
    "INTEGER": {"TINYINT", "SMALLINT", "UTINYINT", "USMALLINT"},
    "BIGINT": {"TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER"},
    "DOUBLE": {"FLOAT", "TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER"},
    "TIMESTAMP": {"TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP WITH TIME ZONE", "DATE"},
}


def read_parquet(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    spec: SourceObject,
    work: Path,
    *,
    tolerate_missing: bool = False,
) -> Stage:
    """Stage a Parquet file in place. Raises Unreadable on a damaged file or a type that does not fit."""
    if not path.stat().st_size:
        raise Unreadable("the file is empty")
    try:
        metadata = pq.read_metadata(path)
        rows = metadata.num_rows
        if rows > path.stat().st_size * MAX_ROWS_PER_BYTE:
            raise Unreadable(
                f"says it has {rows:,} rows in {path.stat().st_size:,} bytes, as a decompression bomb does"
            )
        schema = metadata.schema.to_arrow_schema()
        if _ROW_NUMBER in map(str.lower, schema.names):
            raise Unreadable(f"has a column {_ROW_NUMBER}; that name is reserved: rename it")
        scan = parquet_scan(path, f"{_ROW_NUMBER} = true")
        described = connection.execute(f"describe select * from {scan}").fetchall()
    except (pa.ArrowException, OSError, duckdb.Error):
        raise Unreadable("is not a Parquet file, or a damaged one") from None
    actual = {name: kind for name, kind, *_ in described if name != _ROW_NUMBER}
    names = list(actual)
    for name, kind in zip(names, schema.types, strict=True):
        if pa.types.is_null(kind):
            actual[name] = _NULL
    matched = match_header(names, spec, tolerate_missing=tolerate_missing)
    for column, index in matched.position.items():
        declared = spec.columns[column].type
        if (actual[names[index]], declared) == ("TIMESTAMP_NS", "TIMESTAMP"):
            _refuse_nanoseconds(connection, scan, column, names[index])
        elif not fits(actual[names[index]], declared):
            raise Unreadable(f"has {column} as {actual[names[index]]}; the contract says {declared}")
    table = f"parquet_{work.name}"
    try:
        connection.execute(
            f"create temp table {identifier(table)} as select {_columns(matched, spec, names, actual)}, "
            f"{_ROW_NUMBER} + 1 as _row, {_extra(matched, names)} as _extra from {scan}"
        )
    except duckdb.Error:
        raise Unreadable("is a damaged Parquet file") from None
    return Stage(
        select=f"select * from {identifier(table)}",
        received_count=rows,
        loaded_count=connection.execute(f"select count(*) from {identifier(table)}").fetchall()[0][0],
        rejects=(),
        columns_present=tuple(c for c in spec.columns if c in matched.position),
        unknown_columns=matched.unknown,
        notes=matched.notes,
    )


def fits(actual: str, declared: str) -> bool:
    """Whether every value of the DuckDB type ``actual`` is one of ``declared``."""
    if actual == _NULL:
        return True
    if actual == declared.replace(" ", "") or actual == declared or actual in _FITS.get(declared, ()):
        return True
    wide = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", declared)
    if wide:
        width, scale = int(wide[1]), int(wide[2])
        narrow = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", actual)
        if narrow:
            return int(narrow[2]) <= scale and int(narrow[1]) - int(narrow[2]) <= width - scale
        return actual in _WHOLE and _WHOLE[actual] <= width - scale
    return declared == "VARCHAR" and actual.startswith("ENUM(")


def _refuse_nanoseconds(connection: duckdb.DuckDBPyConnection, scan: str, column: str, name: str) -> None:
    """pandas writes nanoseconds without meaning them: a type that fits where no value has such digits."""
    try:
        finer = one(connection, f"select count(*) from {scan} where epoch_ns({identifier(name)}) % 1000 <> 0")
    except duckdb.Error:
        raise Unreadable("is a damaged Parquet file") from None
    if finer:
        raise Unreadable(
            f"has {column} in nanoseconds, with digits below the microsecond in {finer:,} rows; "
            "write it in microseconds, as timestamp[us]"
        )


def _columns(matched: Matched, spec: SourceObject, names: list[str], actual: dict[str, str]) -> str:
    return ", ".join(
        _column(name, spec.columns[name].type, names, actual, matched.position.get(name)) for name in spec.columns
    )


def _column(name: str, declared: str, names: list[str], actual: dict[str, str], position: int | None) -> str:
    if position is None or actual[names[position]] == _NULL:
        return f"null::{declared} as {identifier(name)}"
    value = identifier(names[position])
    if actual[names[position]] == "TIMESTAMP WITH TIME ZONE":
        value = f"({value} at time zone 'UTC')"
    return f"{value}::{declared} as {identifier(name)}"


def _extra(matched: Matched, names: list[str]) -> str:
    if not matched.extra:
        return "null::varchar"
    pairs = ", ".join(f"{literal(name)}, {identifier(names[i])}" for name, i in matched.extra.items())
    return f"json_object({pairs})::varchar"
