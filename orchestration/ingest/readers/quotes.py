"""Records of a CSV file that an unclosed quote has grown over the rows after them."""

import re
from dataclasses import dataclass

from orchestration.ingest.decode import Unreadable

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_WORD = re.compile(r"\w+")
_SWALLOWED_DELIMITERS_MIN = 3
"""Fewer delimiters than these may stand in a cell by chance as they would in rows."""


@dataclass(frozen=True)
class Layout:
    """What the header says of every record: the delimiter, the columns, and where in them the key begins."""

    delimiter: str
    header: list[str]
    key: int


def refuse_swallowed_rows(number: int, fields: list[str], text: str, layout: Layout) -> None:
    """Raise Unreadable for a record with a line break that no proper cell has.

    A cell may hold line breaks where its quote is closed right before a delimiter or the end of the record. Between
    two stray quotes that holds as well; then the lines inside are rows, by their delimiters and by their keys.
    """
    for index, cell in enumerate(fields):
        if ("\n" in cell or "\r" in cell) and not (
            _is_properly_quoted(cell, text, layout.delimiter) and not _holds_rows(index, fields, text, layout)
        ):
            lines = len(_LINE_BREAK.findall(text))
            column = layout.header[index] if index < len(layout.header) else f"field {index + 1}"
            raise Unreadable(
                f"record {number:,} ({column.strip()}): a quote is opened and never properly closed, it takes in "
                f"{lines:,} further line{'s' if lines != 1 else ''}; close or double it, or send the file again if "
                "it was cut short"
            )


def _is_properly_quoted(cell: str, text: str, delimiter: str) -> bool:
    # Blanks between the closing quote and the delimiter come out as part of the cell.
    ways = ('"' + way.replace('"', '""') + '"' for way in (cell, cell.rstrip(" ")))
    around = delimiter + text + delimiter
    return any(delimiter + way + after in around for way in ways for after in (delimiter, " "))


def _holds_rows(index: int, fields: list[str], text: str, layout: Layout) -> bool:
    """Whether nearly all lines after the first look like rows: as many delimiters, and a key like the record's."""
    lines: list[str] = [line for line in _LINE_BREAK.split(text) if line]
    first, others = lines[0], lines[1:]
    due = len(layout.header) - 1
    if len(others) * due < _SWALLOWED_DELIMITERS_MIN:
        return False
    cells = first.split(layout.delimiter) if index == layout.key else fields
    key = _shape(cells[layout.key]) if layout.key < len(cells) else None
    rows = sum(
        line.count(layout.delimiter) == due and _shape(line.split(layout.delimiter)[layout.key]) == key
        for line in others
    )
    return (len(others) - rows) * 4 <= len(others)


def _shape(cell: str) -> tuple[str, bool, bool]:
    """What keys of one system have in common: C-17 and C-0018 do, pears and 2 do not."""
    text = cell.strip('"')
    return _WORD.sub("w", text), any(c.isdigit() for c in text), any(c.isalpha() for c in text)
