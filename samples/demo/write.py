"""Writes extracts in the formats of the systems: the same bytes each time, and never half a file."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.csv

_XLSX_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="xl/workbook.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="worksheets/sheet1.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>',
}
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_MOST_ROWS = 1_048_576


@dataclass(frozen=True)
class Format:
    """How a file is written: csv, xlsx or jsonl; the encoding and line ends matter to CSV alone."""

    kind: str
    encoding: str = "utf-8"
    line_end: str = "\n"


def write(table: pa.Table, target: Path, form: Format) -> None:
    """Write the rows of a table, text but for the numbers of XLSX; NULL is an empty cell.

    A table for JSONL has one column that holds the lines. Raises ValueError where a sheet would be too long.
    """
    if form.kind == "csv" and form.encoding == "utf-8":
        with target.open("wb") as file:
            _csv(table, file)
    elif form.kind == "csv":
        buffer = io.BytesIO()
        _csv(table, buffer)
        # No cell holds a line break, so every one ends a row.
        text = buffer.getvalue().decode("utf-8").replace("\n", form.line_end)
        target.write_bytes(text.encode(form.encoding))
    elif form.kind == "jsonl":
        lines = table.column(0).to_pylist()
        target.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    else:
        _xlsx(table, target)


def _csv(table: pa.Table, file: io.BufferedWriter | io.BytesIO) -> None:
    file.write((",".join(table.column_names) + "\n").encode("utf-8"))
    start = file.tell()
    for quoting in ("none", "needed"):
        options = pyarrow.csv.WriteOptions(include_header=False, quoting_style=quoting, batch_size=65_536)
        try:
            pyarrow.csv.write_csv(table, file, options)
            return
        except pa.ArrowInvalid:
            # A cell holds a comma or a quote. "needed" quotes every text, so it comes second.
            file.seek(start)
            file.truncate()


def _xlsx(table: pa.Table, target: Path) -> None:
    """One sheet with a header. Written by hand: a workbook of a library carries the time and the library's version."""
    if table.num_rows >= _MOST_ROWS:
        raise ValueError(f"{target.name}: a sheet holds {_MOST_ROWS - 1} rows, and there are {table.num_rows}.")
    columns = [_cells(column, _letters(place)) for place, column in enumerate(table.columns)]
    header = "".join(_text_cell(name, _letters(place), 1) for place, name in enumerate(table.column_names))
    rows = "".join(
        f'<row r="{number}">{"".join(cells)}</row>'
        for number, cells in enumerate(zip(*columns, strict=True), start=2)
    )  # fmt: skip
    sheet = f'{_SHEET}<row r="1">{header}</row>{rows}</sheetData></worksheet>'
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, text in {**_XLSX_PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            # Without a date of its own an entry carries the time of writing.
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, _XML + text)


def _cells(column: pa.ChunkedArray, letters: str) -> Sequence[str]:
    values = column.to_pylist()
    if pa.types.is_string(column.type):
        return [_text_cell(value, letters, row) if value is not None else "" for row, value in enumerate(values, 2)]
    return [
        f'<c r="{letters}{row}"><v>{value}</v></c>' if value is not None else "" for row, value in enumerate(values, 2)
    ]


def _text_cell(text: str, letters: str, row: int) -> str:
    return f'<c r="{letters}{row}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def _letters(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else chr(ord("A") + place // 26 - 1) + chr(ord("A") + place % 26)
