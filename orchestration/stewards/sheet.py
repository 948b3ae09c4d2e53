"""CSV files that people edit in a spreadsheet: read as the spreadsheet saves them, written so that it opens them."""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from orchestration.errors import BadInput
from orchestration.files import write_whole
from orchestration.ingest.decode import Unreadable, decode

_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?")


@dataclass(frozen=True)
class Row:
    """One row of a file as text without blanks at its ends; ``number`` counts as the spreadsheet does, header first."""

    path: Path
    number: int
    cells: Mapping[str, str]

    def bad(self, column: str, expected: str, remedy: str = "correct the cell") -> BadInput:
        """The error of a cell."""
        found = repr(self.cells[column]) if self.cells[column] else "nothing"
        return BadInput(f"{self.path}: row {self.number}, {column}: expected {expected}, found {found}; {remedy}")

    def text(self, column: str, expected: str) -> str:
        """A cell that must not be empty."""
        if not self.cells[column]:
            raise self.bad(column, expected)
        return self.cells[column]

    def choice(self, column: str, choices: Sequence[str]) -> str:
        """One of a few words, whatever their case."""
        word = self.cells[column].lower()
        if word not in choices:
            raise self.bad(column, " or ".join(choices))
        return word

    def record_key(self, column: str) -> str:
        """A record key."""
        key = self.cells[column]
        if not is_record_key(key):
            raise self.bad(column, "a record key such as crm:1001")
        return key

    def day(self, column: str) -> date | None:
        """A date as ISO writes it or a spreadsheet does (2025/1/2, 2025-01-02 00:00); None for an empty cell."""
        text = self.cells[column]
        found = _DATE.fullmatch(text.partition(" ")[0])
        try:
            if found:
                return date(*map(int, found.groups()))
        except ValueError:
            found = None
        if text:
            raise self.bad(column, "a date such as 2025-12-31")
        return None

    def moment(self, column: str) -> datetime | None:
        """A date with or without a time; UTC where it does not say so. None for an empty cell."""
        text = self.cells[column]
        try:
            day, _, clock = text.partition(" ")
            if (found := _DATE.fullmatch(day)) and (not clock or (at := _CLOCK.fullmatch(clock))):
                parts = [int(part or 0) for part in at.groups()] if clock and at else []
                return datetime(*map(int, found.groups()), *parts, tzinfo=UTC)  # type: ignore[misc,arg-type]
            if not text:
                return None
            moment = datetime.fromisoformat(text)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            raise self.bad(column, "a time such as 2025-12-31 09:30:00, in UTC") from None


def is_record_key(text: str) -> bool:
    """Whether the text looks like ``source:id``."""
    source, _, record_id = text.partition(":")
    return bool(re.fullmatch(r"\w+", source)) and bool(record_id.strip())


def ordered(left: str, right: str) -> tuple[str, str]:
    """Both keys of a pair, the smaller first (by code point, as in every table of pairs)."""
    return min(left, right), max(left, right)


def text_of(path: Path) -> str:
    """The text of a file in whatever encoding a spreadsheet saves. Raises Unreadable for what is no text."""
    with tempfile.TemporaryDirectory() as work:
        found = decode(path, Path(work))
        return found.path.read_bytes()[found.offset :].decode("utf-8")


def read_sheet(path: Path, columns: Sequence[str]) -> list[Row]:
    """The rows of a file, in any encoding a spreadsheet saves; none where there is no file. Empty rows are left out.

    Raises:
        BadInput: it is not text, or its header does not have just these columns, in whatever order.
    """
    if not path.exists():
        return []
    remedy = "correct it, or take the last file that was right from a backup"
    try:
        lines = list(csv.reader(io.StringIO(text_of(path), newline=""), strict=True))
    except (Unreadable, IsADirectoryError, csv.Error) as problem:
        raise BadInput(f"{path}: is no CSV file ({problem}); {remedy}") from None
    header = [name.strip() for name in lines[0]] if lines else []
    while header and not header[-1]:
        header.pop()
    if sorted(header) != sorted(columns):
        raise BadInput(f"{path}: row 1: expected the header {','.join(columns)}, found {','.join(header)}; {remedy}")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        cells = [cell.strip() for cell in line]
        if not any(cells):
            continue
        if len(cells) < len(header) or any(cells[len(header) :]):
            raise BadInput(
                f"{path}: row {number}: expected {len(header)} cells, found {len(cells)}; quote a cell that holds a "
                "comma or a line break"
            )
        rows.append(Row(path, number, dict(zip(header, cells, strict=False))))
    return rows


def write_sheet(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Replace the file in one step, as UTF-8 with the mark by which spreadsheets know it."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path, "\ufeff" + text.getvalue())


def told(moment: datetime | None) -> str:
    """A moment as it is written: ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""
