"""XLSX by calamine: the first visible sheet, its first filled row as header."""

import json
import zipfile
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from orchestration.ingest.contract import SourceObject
from orchestration.ingest.decode import Limits, Unreadable
from orchestration.ingest.readers.stage import Stage, StageFile, match_header


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
    notes: list[str] = []
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            sheets = [
                s.name
                for s in workbook.sheets_metadata
                if s.typ == SheetTypeEnum.WorkSheet and s.visible == SheetVisibleEnum.Visible
            ]
            if not sheets:
                raise Unreadable("the workbook has no visible sheet")
            if len(sheets) > 1:
                notes.append(f"of {len(sheets)} sheets the first was read")
            rows = iter(workbook.get_sheet_by_name(sheets[0]).iter_rows())
            header = next((row for row in rows if any(cell_text(cell) for cell in row)), None)
            if header is None:
                raise Unreadable("the first sheet is empty")
            matched = match_header([cell_text(cell) or "" for cell in header], spec, tolerate_missing=tolerate_missing)
            stage = StageFile(work / "stage.parquet", spec)
            places = [matched.position.get(name) for name in spec.columns]
            try:
                for row in rows:
                    cells = [cell_text(cell) for cell in row]
                    if not any(cells):
                        continue
                    extra = {name: cells[i] for name, i in matched.extra.items() if cells[i]}
                    stage.add(
                        [None if i is None else cells[i] for i in places],
                        stage.count + 1,
                        json.dumps(extra, ensure_ascii=False) if extra else None,
                    )
            finally:
                stage.close()
    except CalamineError as problem:
        raise Unreadable(f"is an XLSX file that cannot be read ({problem})") from None
    return Stage(
        select=stage.select(),
        received_count=stage.count,
        loaded_count=stage.count,
        rejects=(),
        columns_present=tuple(c for c in spec.columns if c in matched.position),
        unknown_columns=matched.unknown,
        notes=(*notes, *matched.notes),
    )


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
