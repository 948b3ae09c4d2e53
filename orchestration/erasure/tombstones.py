"""Who was erased, without saying who: keyed digests in ``overrides/tombstones.csv`` (kind, mark, erased_at).

A mark is HMAC-SHA256 under the secret of the environment: of ``source:record id`` for a record, of the normalised
value for an identifier. Without the secret nobody can tell whether a given id is among them.
"""

import csv
import hmac
import io
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from orchestration.errors import BadInput
from orchestration.files import write_whole
from orchestration.folders import Folders

VARIABLE = "LIUCUN_ERASURE_SECRET"
IDENTIFIERS = ("openid", "uscc", "phone")
COLUMNS = ("kind", "mark", "erased_at")
_SHORTEST_SECRET = 16
_CHECK = "secret"


@dataclass(frozen=True)
class Erased:
    """Tells what belongs to an erased person. ``values``: marks of what one person's records held, while at work."""

    secret: str = field(repr=False)
    marks: frozenset[tuple[str, str]] = frozenset()
    values: frozenset[str] = frozenset()
    _known: dict[str, str] = field(default_factory=dict, repr=False)

    def mark(self, text: str) -> str:
        """The keyed digest of a text."""
        if text not in self._known:
            self._known[text] = hmac.digest(self.secret.encode(), text.encode(), "sha256").hex()
        return self._known[text]

    def record_mark(self, record_key: str) -> str:
        """The mark of ``source:record id``; blanks around the id do not count."""
        source, _, record_id = record_key.partition(":")
        return self.mark(f"{source}:{record_id.strip()}")

    def value_mark(self, text: str) -> str:
        """The mark of a personal value as it is written, whatever its width and case."""
        return self.mark(f"value\x1f{unicodedata.normalize('NFKC', text).strip().casefold()}")

    def identifier_mark(self, kind: str, text: str) -> str | None:
        """The mark of an identifier, None for what is none."""
        normal = normalised(kind, text)
        return None if normal is None else self.mark(f"{kind}\x1f{normal}")

    def is_record(self, source: str, record_id: str) -> bool:
        """Whether this record of the source was erased."""
        return ("record", self.record_mark(f"{source}:{record_id}")) in self.marks

    def is_identifier(self, kind: str, text: str) -> bool:
        """Whether this identifier was erased with its person (``--identifiers``)."""
        return (kind, self.identifier_mark(kind, text)) in self.marks

    @cached_property
    def has_identifiers(self) -> bool:
        """Whether anybody was erased by identifiers too."""
        return any(kind in IDENTIFIERS for kind, _ in self.marks)

    def speaks_in(self, source: str, text: str) -> bool:
        """Whether a record that cannot be read names an erased person: one of its pieces is an id or a value of theirs.

        Better a record too many, of those that nobody can use, than a person who stays.
        """
        pieces = {piece.strip() for piece in re.split(r'[,;|\t"\r\n]+|[{}\[\]:]', text)}
        pieces |= {piece.strip() for piece in re.split(r'[,;|\t"\r\n]+', text)}
        return any(self._is_theirs(source, piece) for piece in pieces if piece)

    def _is_theirs(self, source: str, piece: str) -> bool:
        return (
            self.is_record(source, piece)
            or self.value_mark(piece) in self.values
            or any(self.is_identifier(kind, piece) for kind in IDENTIFIERS)
        )

    def with_marks(self, marks: Iterable[tuple[str, str]], values: Iterable[str] = ()) -> "Erased":
        """The same, with more people."""
        return Erased(self.secret, self.marks | frozenset(marks), self.values | frozenset(values), self._known)


def normalised(kind: str, text: str) -> str | None:
    """An identifier in the one form in which it is compared; None when it cannot be one."""
    folded = unicodedata.normalize("NFKC", text).strip()
    if kind == "phone":
        digits = re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", re.sub(r"[\s().-]", "", folded))
        return digits if re.fullmatch(r"\+?\d{7,15}", digits) else None
    if kind == "uscc":
        code = re.sub(r"[\s-]", "", folded).upper()
        return code if re.fullmatch(r"[0-9A-Z]{18}", code) else None
    return folded or None


def checked_secret(secret: str | None) -> str:
    """The secret, if it can keep one; BadInput names the variable otherwise."""
    if not secret:
        raise BadInput(
            f"{VARIABLE} is not set: the secret under which erased people are remembered; "
            "set it to the same long random text on every machine that runs this warehouse"
        )
    if len(secret) < _SHORTEST_SECRET:
        raise BadInput(f"{VARIABLE}: is too short to keep a secret; expected {_SHORTEST_SECRET} characters or more")
    return secret


def read_erased(folders: Folders, secret: str | None) -> Erased | None:
    """Who was erased from this warehouse, None when nobody was.

    Raises BadInput when somebody was and the secret is missing or another: the next extract would bring them back.
    """
    rows = _rows(_path(folders))
    done = folders.overrides / "erasures.csv"
    if done.is_file() and not any(kind == "record" for kind, _, _ in rows):
        raise BadInput(f"{_path(folders)}: holds nobody, and {done} tells of erasures; restore it from a backup")
    if not rows:
        return None
    erased = Erased(checked_secret(secret), frozenset((kind, mark) for kind, mark, _ in rows))
    if (_CHECK, erased.mark(_CHECK)) not in erased.marks:
        raise BadInput(f"{VARIABLE}: is not the secret that {_path(folders)} was written with; set that one")
    return erased


def add_tombstones(folders: Folders, erased: Erased, marks: Collection[tuple[str, str]], at: datetime) -> Erased:
    """Write these marks down, those that are not there yet, in one step; returns who is erased now."""
    rows = _rows(_path(folders))
    known = {(kind, mark) for kind, mark, _ in rows}
    new = [pair for pair in sorted({(_CHECK, erased.mark(_CHECK)), *marks}) if pair not in known]
    if new:
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([COLUMNS, *rows, *((kind, mark, at.isoformat(timespec="seconds")) for kind, mark in new)])
        write_whole(_path(folders), text.getvalue())
    return erased.with_marks({*known, *new})


def _path(folders: Folders) -> Path:
    return folders.overrides / "tombstones.csv"


def _rows(path: Path) -> list[tuple[str, str, str]]:
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [line for line in csv.reader(file) if line]
    except (UnicodeDecodeError, csv.Error) as problem:
        raise BadInput(f"{path}: is no UTF-8 CSV ({problem}); restore it from a backup") from None
    if not lines or tuple(lines[0]) != COLUMNS:
        raise BadInput(f"{path}: the first line must read {','.join(COLUMNS)}")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(COLUMNS) or not re.fullmatch("[0-9a-f]{64}", line[1]):
            raise BadInput(f"{path}: record {number}: expected {','.join(COLUMNS)}, the second of 64 hex digits")
        rows.append((line[0], line[1], line[2]))
    return rows
