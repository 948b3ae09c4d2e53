"""Landing files without erased people: each is written anew in its own format, encoding and dialect.

A workbook becomes a new one with the first sheet's cells as texts, the only ones that ingest reads: what a spreadsheet
program keeps beside them (other sheets, comments, history) could hold the person too.
"""

import codecs
import csv
import gzip
import hashlib
import io
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from orchestration.erasure.rules import Change, Rules, select_without
from orchestration.erasure.workbook import write_workbook
from orchestration.files import remove, sync
from orchestration.ingest.contract import normalised_header
from orchestration.ingest.decode import Decoded, Unreadable, decode
from orchestration.ingest.readers.csv_text import MAX_RECORD_CHARACTERS, read_header, records
from orchestration.ingest.readers.jsonl import Number, json_text
from orchestration.ingest.readers.xlsx import cell_text
from orchestration.ingest.redacted import RedactedFiles
from orchestration.sql import literal, parquet_scan

Rewrite = Callable[[Path, Path, Path, Rules], bool]


def redact_file(path: Path, rules: Rules, work: Path, redacted: RedactedFiles) -> bool:
    """Take erased people out of one landing file; whether there were any.

    ``work`` is an empty folder. The new hash is noted before the file is replaced, and its time of change stays, so
    that nothing takes it for a new file. Raises Unreadable when it cannot be looked into.
    """
    if not rules.personal:
        return False
    fresh = path.with_name(f".{path.name}.tmp")
    try:
        if not _REWRITES[rules.spec.format](path, fresh, work, rules):
            return False
        seen = path.stat()
        fresh.chmod(seen.st_mode & 0o777)
        os.utime(fresh, ns=(seen.st_atime_ns, seen.st_mtime_ns))
        sync(fresh)
        redacted.add(path, _sha256(path), _sha256(fresh))
        fresh.replace(path)
        sync(path.parent)
    finally:
        fresh.unlink(missing_ok=True)
    return True


def told_in(path: Path, rules: Rules, work: Path) -> set[str]:
    """Keys of the customer records in one landing file whom an identifier tells; nothing is changed.

    ``work`` is an empty folder. Raises Unreadable when the file cannot be looked into.
    """
    if rules.spec.holds_customers and rules.identifiers:
        _REWRITES[rules.spec.format](path, work / "told", work, rules)
    return rules.told


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _csv(path: Path, fresh: Path, work: Path, rules: Rules) -> bool:
    decoded = decode(path, work)
    delimiter = rules.spec.delimiter
    header, start = read_header(decoded, delimiter)
    places = _Places.of(header, rules)
    is_changed = False
    with decoded.path.open("rb") as counted, decoded.path.open("rb") as copied, _written(fresh, path, decoded) as out:
        out(copied.read(start)[decoded.offset :].decode())
        counted.seek(start)
        for fields, text, size in records(counted, delimiter):
            whole = copied.read(size).decode()
            if places.fit(fields):
                change = rules.change(places.row(fields))
            else:
                change = Change(is_dropped=bool(fields) and rules.erased.speaks_in(rules.source, text))
            is_changed |= bool(change)
            if change.cells or change.is_about:
                whole = _csv_line(places.changed(fields, change), delimiter) + whole[len(text) :]
            if not change.is_dropped:
                out(whole)
    return is_changed


def _csv_line(fields: Iterable[str | None], delimiter: str) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=delimiter, lineterminator="").writerow(fields)
    return line.getvalue()


def _jsonl(path: Path, fresh: Path, work: Path, rules: Rules) -> bool:
    decoded = decode(path, work)
    known = rules.spec.column_of_header()
    is_changed = False
    keys: set[str] = set()
    with decoded.path.open(encoding="utf-8", newline="") as lines, _written(fresh, path, decoded) as out:
        lines.seek(decoded.offset)
        while line := lines.readline(MAX_RECORD_CHARACTERS):
            text = line.rstrip("\r\n")
            whole, change = _jsonl_line(text, known, rules, keys)
            is_changed |= bool(change)
            if not change.is_dropped:
                out(whole + line[len(text) :])
    if keys:
        _require_whom({known.get(normalised_header(key), "") for key in keys}, rules)
    return is_changed


def _jsonl_line(text: str, known: dict[str, str], rules: Rules, keys: set[str]) -> tuple[str, Change]:
    try:
        fields = json.loads(text, parse_float=Number, parse_int=Number)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        return text, Change(is_dropped=rules.erased.speaks_in(rules.source, text))
    keys.update(fields)
    columns = {key: known.get(normalised_header(key)) for key in fields}
    change = rules.change({column: _plain(fields[key]) for key, column in reversed(columns.items()) if column})
    if change.cells or change.is_about:
        first: set[str] = set()
        for key, column in columns.items():
            if column is None or column in first:
                fields[key] = None if change.is_about else fields[key]
            elif column in change.cells:
                fields[key] = change.cells[column]
            first |= {column} if column else set()
        text = json_text(fields)
    return text, change


def _plain(value: object) -> str | None:
    return None if value is None else str(value) if isinstance(value, str) else json_text(value)


def _xlsx(path: Path, fresh: Path, _work: Path, rules: Rules) -> bool:
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            seen = [
                s.name
                for s in workbook.sheets_metadata
                if s.typ == SheetTypeEnum.WorkSheet and s.visible == SheetVisibleEnum.Visible
            ]
            sheets = {
                s.name: [[cell_text(cell) for cell in row] for row in workbook.get_sheet_by_name(s.name).iter_rows()]
                for s in workbook.sheets_metadata
                if s.typ == SheetTypeEnum.WorkSheet
            }
    except CalamineError as problem:
        raise Unreadable(f"is an XLSX file that cannot be read ({problem})") from None
    rows = [row for row in sheets.pop(seen[0]) if any(row)] if seen else []
    if not rows:
        raise Unreadable("the workbook has no visible sheet, or an empty one")
    places = _Places.of([cell or "" for cell in rows[0]], rules)
    kept: list[list[str | None]] = [rows[0]]
    is_changed = any(
        rules.erased.speaks_in(rules.source, cell) for sheet in sheets.values() for row in sheet for cell in row if cell
    )
    for row in rows[1:]:
        change = rules.change(places.row(row))
        is_changed |= bool(change)
        if not change.is_dropped:
            kept.append(places.changed(row, change) if change else row)
    if is_changed:
        write_workbook(fresh, kept)
    return is_changed


def _parquet(path: Path, fresh: Path, _work: Path, rules: Rules) -> bool:
    relation = parquet_scan(path)
    with duckdb.connect() as con:
        con.execute("set autoinstall_known_extensions = false")
        try:
            names = pq.read_schema(path).names
            places = _Places.of(names, rules)
            actual = {column: names[at] for column, at in places.at.items()}
            others = [names[at] for at in places.others]
            selection = select_without(rules, relation, actual, others, lambda sql: con.execute(sql).fetchall())
            if selection is None:
                return False
            # Damage shows here, in all columns; what fails after it (a full disk) is to stop the erasure.
            con.execute(f"select max(hash(columns(*))) from {relation}").fetchall()
        except (pa.ArrowException, OSError, duckdb.Error):
            raise Unreadable("is not a Parquet file, or a damaged one") from None
        con.execute(f"copy ({selection.of(relation)}) to {literal(str(fresh))} (format parquet, compression zstd)")
    return True


def _require_whom(columns: Collection[str], rules: Rules) -> None:
    """Raise Unreadable for a file that does not tell whom a row is about, such as one without its header line.

    An extract may lack an optional column; where the required ones are missing too, its columns are not the contract's.
    """
    missing = [column for column in rules.spec.must_have() if column not in columns]
    if missing and not any(column in columns for column in rules.customers):
        raise Unreadable(f"has no column {', '.join(rules.customers or missing)} (is the header line missing?)")


_REWRITES: dict[str, Rewrite] = {"csv": _csv, "jsonl": _jsonl, "xlsx": _xlsx, "parquet": _parquet}


@dataclass(frozen=True)
class _Places:
    """Where a file has the contract's columns (the first that means one counts), and its others."""

    at: dict[str, int]
    others: list[int]
    width: int
    most: int

    @classmethod
    def of(cls, header: list[str], rules: Rules) -> "_Places":
        """Raises Unreadable where the header does not say whom a row is about."""
        known, at, others = rules.spec.column_of_header(), {}, []
        # A comma at the end of every line is no column.
        width = len(header) - 1 if len(header) > 1 and not header[-1].strip() else len(header)
        for index, name in enumerate(header):
            column = known.get(normalised_header(name))
            if column is None or column in at:
                others.append(index)
            else:
                at[column] = index
        _require_whom(at, rules)
        return cls(at, others, width, len(header))

    def fit(self, fields: list[str]) -> bool:
        """Whether the fields are a whole row."""
        return self.width <= len(fields) <= self.most

    def row(self, fields: list[str] | list[str | None]) -> dict[str, str | None]:
        return {column: fields[index] for column, index in self.at.items() if index < len(fields)}

    def changed(self, fields: list[str] | list[str | None], change: Change) -> list[str | None]:
        cells: list[str | None] = list(fields)
        for column, value in change.cells.items():
            cells[self.at[column]] = value
        for index in self.others if change.is_about else ():
            if index < len(cells):
                cells[index] = None
        return cells


@contextmanager
def _written(fresh: Path, original: Path, decoded: Decoded) -> Iterator[Callable[[str], object]]:
    """Writes text to ``fresh`` in the encoding, with the mark and the compression of ``original``."""
    with original.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        head = gzip.GzipFile(fileobj=file).read(3) if is_gzip else file.read(3)
    marks = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    mark = marks.get(decoded.encoding, b"")
    with fresh.open("wb") as target:
        packed = gzip.GzipFile(filename="", fileobj=target, mode="wb", mtime=0) if is_gzip else None
        write = packed.write if packed else target.write
        if mark and head.startswith(mark):
            write(mark)
        yield lambda text: write(text.encode(decoded.encoding))
        if packed:
            packed.close()


def empty(folder: Path) -> Path:
    """The folder, empty."""
    remove(folder)
    folder.mkdir(parents=True)
    return folder
