"""XLSX by calamine: the first visible sheet, its first filled row as header."""

import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from orchestration.ingest.contract import SourceObject
from orchestration.ingest.decode import Limits, Unreadable
from orchestration.ingest.readers.sheet_xml import SheetFacts, column_letters, sheet_facts, sheet_parts
from orchestration.ingest.readers.stage import Matched, Reject, Stage, StageFile, match_header

_ROWS_OF_A_SHEET = 1_048_576
_DIGITS_KEPT = 10**15
_LOST_DIGITS = (
    "a number of 16 or more digits, of which a spreadsheet keeps 15; format the column as text and fill it anew"
)


def read_xlsx(
    path: Path,
    spec: SourceObject,
    work: Path,
    *,
    tolerate_missing: bool = False,
    limits: Limits | None = None,
) -> Stage:
    """Stage a workbook. Cells become text without loss: whole numbers without ``.0``, dates as ISO."""
    _check_archive(path, limits or Limits())
    stage = StageFile(work / "stage.parquet", spec)
    try:
        with zipfile.ZipFile(path) as archive, CalamineWorkbook.from_path(path) as workbook:
            parts = sheet_parts(archive)
            first, *others = _visible_sheets(workbook)
            facts = sheet_facts(archive, parts[first])
            sheet = _Sheet(workbook.get_sheet_by_name(first))
            if sheet.header is None:
                raise Unreadable("the first sheet is empty")
            matched = match_header(sheet.header, spec, tolerate_missing=tolerate_missing)
            notes = [f"of {len(others) + 1} sheets the first was read"] if others else []
            notes += sheet.merged_cells()
            notes += _empty_cells(facts, sheet)
            for name in others:
                sheet_facts(archive, parts[name])
                _refuse_more_rows(name, _Sheet(workbook.get_sheet_by_name(name)), facts, spec, tolerate_missing)
            number, rejects = _read_rows(sheet, matched, spec, stage)
    except (CalamineError, expat.ExpatError, KeyError) as problem:
        raise Unreadable(f"is an XLSX file that cannot be read ({problem})") from None
    finally:
        stage.close()
    return Stage(
        select=stage.select(),
        received_count=number,
        loaded_count=stage.count,
        rejects=tuple(rejects),
        columns_present=tuple(c for c in spec.columns if c in matched.position),
        unknown_columns=matched.unknown,
        notes=(*notes, *matched.notes),
    )


def _visible_sheets(workbook: CalamineWorkbook) -> list[str]:
    sheets = [
        s.name
        for s in workbook.sheets_metadata
        if s.typ == SheetTypeEnum.WorkSheet and s.visible == SheetVisibleEnum.Visible
    ]
    if not sheets:
        raise Unreadable("the workbook has no visible sheet")
    return sheets


class _Sheet:
    """A worksheet as its header and the rows below it, blank ones left out."""

    def __init__(self, sheet: CalamineSheet) -> None:
        self.sheet = sheet
        self.header: list[str] | None = None
        self.header_row = -1
        self._rows = iter(sheet.iter_rows())
        for index, row in enumerate(self._rows):
            if any(cell_text(cell) for cell in row):
                self.header, self.header_row = [cell_text(cell) or "" for cell in row], index
                break

    def rows(self) -> Iterator[tuple[list[object], list[str | None]]]:
        """Each row's cells and their texts; to be read once."""
        for row in self._rows:
            texts = [cell_text(cell) for cell in row]
            if any(texts):
                yield list(row), texts

    def column_name(self, column: int) -> str:
        """What the header says of a column of the sheet (from 0)."""
        index = column - (self.sheet.start or (0, 0))[1]
        name = self.header[index].strip() if self.header and 0 <= index < len(self.header) else ""
        return name or column_letters(column)

    def merged_cells(self) -> list[str]:
        """A note on cells merged within a row; Unreadable on those that stand for several rows."""
        last = (self.sheet.end or (0, 0))[0]
        below = [r for r in self.sheet.merged_cell_ranges or [] if r[1][0] > self.header_row and r[0][0] <= last]
        for (row, column), (end_row, end_column) in below:
            if end_row > row:
                cells = f"{column_letters(column)}{row + 1}:{column_letters(end_column)}{end_row + 1}"
                raise Unreadable(
                    f"has the merged cells {cells}, of which only the first has a value; unmerge them and "
                    "write the value into each row"
                )
        if not below:
            return []
        return [
            f"{len(below):,} merged ranges have a value in their first cell only; unmerge them and fill in the rest"
        ]


def _empty_cells(facts: SheetFacts, sheet: _Sheet) -> list[str]:
    return [
        f"column {sheet.column_name(column)}: {count:,} {what}"
        for counts, what in (
            (facts.errors, "error cells (such as #DIV/0!) came in empty; mend or clear them"),
            (facts.formulas, "formulas without a stored result came in empty; save the file in a spreadsheet program"),
        )
        for column, count in sorted(counts.items())
    ]


def _refuse_more_rows(name: str, sheet: _Sheet, first: SheetFacts, spec: SourceObject, tolerate_missing: bool) -> None:
    """Only the first sheet is read, so another one must not hold rows of the same object."""
    if sheet.header is None:
        return
    try:
        match_header(sheet.header, spec, tolerate_missing=tolerate_missing)
    except Unreadable:
        if first.last_row < _ROWS_OF_A_SHEET:
            return
    else:
        if next(sheet.rows(), None) is None:
            return
    raise Unreadable(
        f"has more rows in the sheet {name!r}; only the first sheet is read: send each as a file of its own"
    )


def _read_rows(sheet: _Sheet, matched: Matched, spec: SourceObject, stage: StageFile) -> tuple[int, list[Reject]]:
    """Fill ``stage``; the number of rows, and those that hold a number with more digits than a sheet keeps."""
    places = [matched.position.get(name) for name in spec.columns]
    texts = {
        name: place
        for name, place in zip(spec.columns, places, strict=True)
        if place is not None
        and (spec.columns[name].type == "VARCHAR" or name in spec.primary_key or name in spec.references)
    }
    rejects: list[Reject] = []
    number = 0
    for number, (row, cells) in enumerate(sheet.rows(), start=1):
        cut = next((name for name, place in texts.items() if _has_lost_digits(row[place])), None)
        if cut is not None:
            shown = {name: cells[place] for name, place in (*matched.position.items(), *matched.extra.items())}
            rejects.append(Reject(number, cut, _LOST_DIGITS, json.dumps(shown, ensure_ascii=False)))
            continue
        extra = {name: cells[i] for name, i in matched.extra.items() if cells[i]}
        stage.add(
            [None if i is None else cells[i] for i in places],
            number,
            json.dumps(extra, ensure_ascii=False) if extra else None,
        )
    return number, rejects


def _has_lost_digits(cell: object) -> bool:
    return type(cell) in (float, int) and abs(cell) >= _DIGITS_KEPT  # type: ignore[operator, arg-type]


def _check_archive(path: Path, limits: Limits) -> None:
    """Refuse what is no ZIP, is damaged, or unpacks to too much: declared sizes first, then really unpacked."""
    with path.open("rb") as file:
        magic = file.read(4)
    if not magic:
        raise Unreadable("the file is empty")
    if magic == b"\xd0\xcf\x11\xe0":
        raise Unreadable("is an old XLS or a password-protected Office file; save it as XLSX without a password")
    try:
        with zipfile.ZipFile(path) as archive:
            limits.check(sum(entry.file_size for entry in archive.infolist()), path.stat().st_size)
            damaged = archive.testzip()
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError) as problem:
        if isinstance(problem, Unreadable):
            raise
        raise Unreadable(f"is not an XLSX file ({problem})") from None
    if damaged:
        raise Unreadable("is a damaged XLSX file (a checksum inside it is wrong)")


def cell_text(cell: object) -> str | None:
    """A cell as text without loss, None for an empty one."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return format(Decimal(int(cell) if cell.is_integer() else repr(cell)), "f")
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        seconds = int(cell.total_seconds())
        return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
    return str(cell)
