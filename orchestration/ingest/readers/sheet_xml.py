"""What a worksheet's XML tells that its values do not: how far it reaches, and cells that come out empty.

Read as a stream, before the sheet is loaded: loading takes memory for the whole rectangle around its cells.
"""

import posixpath
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from xml.parsers import expat

from orchestration.ingest.decode import CHUNK_BYTES, Unreadable

_WORKBOOK = "xl/workbook.xml"
_SPARSE_FROM = 10_000_000
_SPARSE_RATIO = 50
_DIGITS = "0123456789"
_NOTHING = "#N/A"


@dataclass
class SheetFacts:
    """The filled cells of a worksheet. ``errors`` and ``formulas`` count by column (from 0) those without a value."""

    filled: int = 0
    last_row: int = 0
    errors: Counter[int] = field(default_factory=Counter)
    formulas: Counter[int] = field(default_factory=Counter)


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """From the name of each sheet to the part of the archive that holds it."""
    targets = {e["Id"]: e["Target"] for e in _elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")}
    parts = {}
    for sheet in _elements(archive, _WORKBOOK, "sheet"):
        target = next((targets.get(value) for key, value in sheet.items() if key.endswith(":id")), None)
        if target:
            parts[sheet["name"]] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    return parts


def sheet_facts(archive: zipfile.ZipFile, part: str) -> SheetFacts:
    """Look through a worksheet once. Raises Unreadable, with the cell, where one lies far from all others."""
    scan = _Scan()
    with archive.open(part) as file:
        while chunk := file.read(CHUNK_BYTES):
            scan.parser.Parse(chunk)
        scan.parser.Parse(b"", True)
    scan.refuse_far_cells()
    return scan.facts


def _elements(archive: zipfile.ZipFile, part: str, name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    parser = expat.ParserCreate()

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == name:
            found.append(attributes)

    parser.StartElementHandler = start
    parser.Parse(archive.read(part), True)
    return found


class _Scan:
    def __init__(self) -> None:
        self.facts = SheetFacts()
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._root
        self._row = 0
        self._column = -1
        self._columns: dict[str, int] = {}
        self._far_column = ("", -1)
        self._far_row = self._first_row = 0
        self._is_filled = True
        self._kind = ""
        self._text: str | None = None

    def _root(self, tag: str, _attributes: dict[str, str]) -> None:
        prefix = tag.removesuffix("worksheet")
        names = ("c", "v", "is", "row", "f")
        self._cell, self._value, self._inline, self._line, self._formula = (prefix + name for name in names)
        self.parser.StartElementHandler = self._start

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == self._cell:
            self._place(attributes.get("r"))
            self._is_filled = False
            if attributes.get("t") == "e":
                self._look_closer("e")
            else:
                self._kind = attributes.get("t", "")
        elif tag in (self._value, self._inline):
            self._text = ""
            if not self._is_filled:
                self._is_filled = True
                self._count()
        elif tag == self._formula and self._kind not in ("e", "str"):
            self._look_closer("f")
        elif tag == self._line:
            self._row = int(attributes["r"]) if attributes.get("r", "").isdigit() else self._row + 1
            self._column = -1

    def _place(self, reference: str | None) -> None:
        if reference is None:
            self._column += 1
            return
        letters = reference.rstrip(_DIGITS)
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = _column_number(letters)
        self._column = column
        if len(letters) < len(reference):
            self._row = int(reference[len(letters) :])

    def _count(self) -> None:
        facts = self.facts
        facts.filled += 1
        self._first_row = self._first_row or self._row
        if self._row > facts.last_row:
            facts.last_row = self._row
            self._far_row = self._column
        if self._column > self._far_column[1]:
            self._far_column = (f"{column_letters(self._column)}{self._row}", self._column)

    def _look_closer(self, kind: str) -> None:
        """Errors and formulas: only their text says whether a value comes out of them."""
        self._kind = kind
        self._text = None
        self.parser.CharacterDataHandler = self._characters
        self.parser.EndElementHandler = self._end

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text += text

    def _end(self, tag: str) -> None:
        if tag != self._cell:
            return
        text = (self._text or "").strip()
        if self._kind == "e" and text != _NOTHING:
            self.facts.errors[self._column] += 1
        elif self._kind == "f" and not text:
            self.facts.formulas[self._column] += 1
        self.parser.CharacterDataHandler = None
        self.parser.EndElementHandler = None

    def refuse_far_cells(self) -> None:
        facts = self.facts
        rows, columns = facts.last_row - self._first_row + 1, self._far_column[1] + 1
        if rows * columns <= max(_SPARSE_FROM, facts.filled * _SPARSE_RATIO):
            return
        cells = dict.fromkeys([f"{column_letters(self._far_row)}{facts.last_row}", self._far_column[0]])
        raise Unreadable(
            f"has {facts.filled:,} filled cells in {rows:,} rows and {columns:,} columns, since its sheet reaches to "
            f"{' and '.join(cells)}; delete the stray cells there"
        )


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(column: int) -> str:
    """A column's name in a sheet: A for 0, AA for 26."""
    letters = ""
    column += 1
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
