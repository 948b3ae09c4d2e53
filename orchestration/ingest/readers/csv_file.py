"""CSV by DuckDB's strict reader, with columns that the file's checked header names."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from orchestration.ingest.contract import SourceObject
from orchestration.ingest.decode import Unreadable, decode
from orchestration.ingest.readers.csv_text import read_header, texts_of, write_body
from orchestration.ingest.readers.stage import Matched, Reject, Stage, match_header, one
from orchestration.sql import file_literal, identifier, literal


def read_csv(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    spec: SourceObject,
    work: Path,
    *,
    tolerate_missing: bool = False,
    progress: Callable[[int], None] = lambda _written: None,
) -> Stage:
    """Stage a CSV file, plain or gzip, in the encodings of ``decode``. ``work`` is an empty folder of its own.

    Raises Unreadable when the header breaks the contract or records go missing between counting and loading.
    """
    decoded = decode(path, work, progress=progress)
    header, start = read_header(decoded, spec.delimiter)
    if len(header) > 1 and not header[-1].strip():
        header = header[:-1]
    matched = match_header(header, spec, tolerate_missing=tolerate_missing)
    body = work / "body"
    physical = write_body(decoded.path, start, body, spec.delimiter, is_one_column=len(header) == 1)
    is_ended = _ends_with_line_end(decoded.path)
    if decoded.path != path:
        decoded.path.unlink()
    table = f"csv_{work.name}"
    rejects = _load(connection, body, header, spec.delimiter, table)
    loaded = one(connection, f"select count(*) from {identifier(table)}")
    if physical != loaded + len(rejects):
        raise Unreadable(
            f"has {physical:,} records by count, but {loaded:,} were read and {len(rejects):,} rejected: "
            "are quotes doubled inside quoted fields?"
        )
    if not is_ended and rejects and rejects[-1].row == physical:
        raise Unreadable(
            f"ends in the middle of record {physical:,}, without a line end: the transfer was cut short; send it again"
        )
    if rejects:
        table = _number(connection, table, physical, [reject.row for reject in rejects])
    row = "_row" if rejects else "rowid + 1"
    return Stage(
        select=f"select {_columns(matched, spec)}, {row} as _row, {_extra(matched)} as _extra from {identifier(table)}",
        received_count=physical,
        loaded_count=loaded,
        rejects=tuple(rejects),
        columns_present=tuple(c for c in spec.columns if c in matched.position),
        unknown_columns=matched.unknown,
        notes=matched.notes if is_ended else (*matched.notes, "the last line has no line end: was the file cut short?"),
        encoding=decoded.encoding,
    )


def _ends_with_line_end(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - 1, 0))
        return file.read(1) in (b"\n", b"\r")


def _load(
    connection: duckdb.DuckDBPyConnection, body: Path, header: list[str], delimiter: str, table: str
) -> list[Reject]:
    """Fill ``table`` with columns c0, c1, … and return the records that do not fit."""
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(header)))
    try:
        connection.execute(
            f"create temp table {identifier(table)} as select * from read_csv({file_literal(body)}, "
            f"columns = {{{columns}}}, auto_detect = false, hive_partitioning = false, header = false, "
            f"delim = {literal(delimiter)}, "
            "quote = '\"', escape = '\"', new_line = '\\n', nullstr = '', strict_mode = true, "
            f"store_rejects = true, rejects_limit = 0, rejects_table = '{table}_errors', "
            f"rejects_scan = '{table}_scans')"
        )
    except duckdb.InvalidInputException:
        raise Unreadable(f"cannot be read as CSV with the delimiter {delimiter!r}") from None
    errors = connection.execute(
        f"select line, arg_min(column_name, column_idx), arg_min(error_type::varchar, column_idx), "
        f"arg_min(error_message, column_idx) from {identifier(table + '_errors')} group by line order by line"
    ).fetchall()
    # The text that DuckDB keeps of a record with several errors is sometimes its neighbour's.
    texts = texts_of(body, delimiter, {line for line, *_ in errors})
    return [_reject(error, header, texts.get(error[0], "")) for error in errors]


def _reject(error: tuple[int, str | None, str | None, str | None], header: list[str], text: str) -> Reject:
    line, column, kind, message = error
    width = len(header)
    if kind == "MISSING COLUMNS" and message:
        reason = f"expected {width} fields, found {message.rsplit(' ', 1)[-1]}"
    elif kind == "TOO MANY COLUMNS":
        reason = f"expected {width} fields, found more"
    elif kind == "UNQUOTED VALUE":
        reason = "a quote is not closed, or text follows the closing quote"
    elif kind == "LINE SIZE OVER MAXIMUM":
        reason = "the record is too long"
    else:
        reason = (kind or "cannot be read").lower()
    name = header[int(column[1:])] if column else None
    return Reject(line, name, reason, text)


def _number(connection: duckdb.DuckDBPyConnection, table: str, physical: int, rejected: list[int]) -> str:
    """Put the record numbers beside the loaded rows: those that were not rejected, in order."""
    numbers = np.setdiff1d(np.arange(1, physical + 1, dtype=np.int64), np.array(rejected, dtype=np.int64))
    connection.register(f"{table}_numbers", pa.table({"_row": numbers}))
    connection.execute(
        f"create temp table {identifier(table + '_numbered')} as "
        f"select * from {identifier(table)} positional join {identifier(table + '_numbers')}"
    )
    connection.unregister(f"{table}_numbers")
    connection.execute(f"drop table {identifier(table)}")
    return f"{table}_numbered"


def _columns(matched: Matched, spec: SourceObject) -> str:
    return ", ".join(
        (f"c{matched.position[name]}" if name in matched.position else "null::varchar") + f" as {identifier(name)}"
        for name in spec.columns
    )


def _extra(matched: Matched) -> str:
    if not matched.extra:
        return "null::varchar"
    values = ", ".join(f"c{i}" for i in matched.extra.values())
    pairs = ", ".join(f"{literal(name)}, c{i}" for name, i in matched.extra.items())
    return f"case when coalesce({values}) is not null then json_object({pairs})::varchar end"
