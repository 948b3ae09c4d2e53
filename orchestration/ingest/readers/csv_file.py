"""CSV by DuckDB's strict reader, with columns that the file's checked header names."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from orchestration.ingest.contract import SourceObject
from orchestration.ingest.decode import NO_LINE_END, Unreadable, cut_short, decode, ends_with_line_end
from orchestration.ingest.readers.csv_text import MAX_RECORD_CHARACTERS, read_header, texts_of, widths_of, write_body
from orchestration.ingest.readers.quotes import Layout
from orchestration.ingest.readers.stage import Matched, Reject, Stage, match_header, one
from orchestration.sql import file_literal, identifier, literal

_TOO_MANY = "TOO MANY COLUMNS"
_TOO_LONG = "LINE SIZE OVER MAXIMUM"


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
    ends_in_delimiter = len(header) > 1 and not header[-1].strip()
    if ends_in_delimiter:
        header = header[:-1]
    width = len(header)
    matched = match_header(header, spec, tolerate_missing=tolerate_missing)
    body = work / "body"
    key = matched.position[spec.primary_key[0]]
    physical, fields = write_body(decoded.path, start, body, Layout(spec.delimiter, header, key))
    is_ended = ends_with_line_end(decoded.path)
    if decoded.path != path:
        decoded.path.unlink()
    table = f"csv_{work.name}"
    errors = _load(connection, body, width, spec.delimiter, table)
    loaded = one(connection, f"select count(*) from {identifier(table)}")
    if physical != loaded + len(errors):
        raise Unreadable(
            f"has {physical:,} records by count, but {loaded:,} were read and {len(errors):,} rejected: "
            "are quotes doubled inside quoted fields?"
        )
    if not is_ended and physical in errors:
        raise cut_short(physical)
    row = "rowid + 1"
    rejects: list[Reject] = []
    if errors or fields != physical * width:
        table, row = _number(connection, table, physical, list(errors)), "_row"
        # A delimiter at the end of the header allows for one at the end of each record, where most have it.
        allowed = width + (ends_in_delimiter and 2 * fields >= physical * (2 * width + 1))
        widths = widths_of(body, spec.delimiter)
        _take_out_wide(connection, table, widths, allowed, errors)
        # The text that DuckDB keeps of a record with several errors is sometimes its neighbour's.
        texts = texts_of(body, spec.delimiter, set(errors))
        rejects = [_reject(line, errors[line], header, widths[line - 1], texts[line]) for line in sorted(errors)]
    return Stage(
        select=f"select {_columns(matched, spec)}, {row} as _row, {_extra(matched)} as _extra from {identifier(table)}",
        received_count=physical,
        loaded_count=physical - len(rejects),
        rejects=tuple(rejects),
        columns_present=tuple(c for c in spec.columns if c in matched.position),
        unknown_columns=matched.unknown,
        notes=matched.notes if is_ended else (*matched.notes, NO_LINE_END),
        encoding=decoded.encoding,
    )


def _load(
    connection: duckdb.DuckDBPyConnection, body: Path, width: int, delimiter: str, table: str
) -> dict[int, tuple[str | None, str]]:
    """Fill ``table`` with columns c0, c1, … and return the first error of each record that does not fit."""
    errors = _read_body(connection, body, width, delimiter, table)
    if any(kind == _TOO_LONG for _, kind in errors.values()):
        # Buffers for records of any length take memory that most files do not need.
        for name in (table, f"{table}_errors", f"{table}_scans"):
            connection.execute(f"drop table {identifier(name)}")
        longest = MAX_RECORD_CHARACTERS * 4
        size = f"max_line_size = {longest}, buffer_size = {longest * 2}, "
        errors = _read_body(connection, body, width, delimiter, table, size)
    return errors


def _read_body(
    connection: duckdb.DuckDBPyConnection, body: Path, width: int, delimiter: str, table: str, size: str = ""
) -> dict[int, tuple[str | None, str]]:
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width))
    try:
        connection.execute(
            f"create temp table {identifier(table)} as select * from read_csv({file_literal(body)}, {size}"
            f"columns = {{{columns}}}, auto_detect = false, hive_partitioning = false, header = false, "
            f"delim = {literal(delimiter)}, "
            "quote = '\"', escape = '\"', new_line = '\\n', nullstr = '', strict_mode = true, "
            f"store_rejects = true, rejects_limit = 0, rejects_table = '{table}_errors', "
            f"rejects_scan = '{table}_scans')"
        )
    except duckdb.InvalidInputException:
        raise Unreadable(f"cannot be read as CSV with the delimiter {delimiter!r}") from None
    errors = connection.execute(
        f"select line, arg_min(column_name, column_idx), arg_min(error_type::varchar, coalesce(column_idx, 0)) "
        f"from {identifier(table + '_errors')} group by line"
    ).fetchall()
    return {line: (column, kind or "cannot be read") for line, column, kind in errors}


def _take_out_wide(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    widths: npt.NDArray[np.int64],
    allowed: int,
    errors: dict[int, tuple[str | None, str]],
) -> None:
    """Make errors of the records with more fields than ``allowed``: DuckDB takes them where the last ones are empty.

    An unquoted delimiter in a cell moves every cell after it, and an empty last cell hides that.
    """
    wide = [line for line in (np.flatnonzero(widths > allowed) + 1).tolist() if line not in errors]
    if wide:
        errors.update(dict.fromkeys(wide, (None, _TOO_MANY)))
        connection.execute(f"delete from {identifier(table)} where _row in (select unnest(?))", [wide])


def _reject(line: int, error: tuple[str | None, str], header: list[str], found: int, text: str) -> Reject:
    column, kind = error
    if kind in ("MISSING COLUMNS", _TOO_MANY):
        reason = f"expected {len(header)} fields, found {found}"
    elif kind == "UNQUOTED VALUE":
        reason = "a quote is not closed, or text follows the closing quote"
    elif kind == _TOO_LONG:
        reason = "the record is too long"
    else:
        reason = kind.lower()
    return Reject(line, header[int(column[1:])] if column else None, reason, text)


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
