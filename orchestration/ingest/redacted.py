"""Landing files rewritten to erase a person: ``overrides/redacted_files.csv`` (path, sha256, original_sha256).

A load is told by the hashes of its files. A redacted file keeps standing for the one that came, or its load would be
received a second time; ``path`` is relative to ``landing/``.
"""

import csv
import io
from pathlib import Path

from orchestration.errors import BadInput
from orchestration.files import write_whole
from orchestration.folders import Folders

COLUMNS = ("path", "sha256", "original_sha256")


class RedactedFiles:
    """The record of one warehouse."""

    def __init__(self, folders: Folders) -> None:
        self._landing, self._file = folders.landing, folders.overrides / "redacted_files.csv"
        self._originals = dict(_rows(self._file))

    def original(self, path: Path, sha256: str) -> str:
        """The hash that the file at ``path`` came with: its own, unless it was redacted."""
        return self._originals.get((self._name(path), sha256), sha256)

    def add(self, path: Path, before: str, after: str) -> None:
        """Note that ``path``, which has the hash ``before``, is about to have the hash ``after``."""
        key = (self._name(path), after)
        if key in self._originals or before == after:
            return
        self._originals[key] = self.original(path, before)
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([COLUMNS, *((*key, original) for key, original in self._originals.items())])
        write_whole(self._file, text.getvalue())

    def _name(self, path: Path) -> str:
        return path.relative_to(self._landing).as_posix() if path.is_relative_to(self._landing) else path.as_posix()


def _rows(path: Path) -> list[tuple[tuple[str, str], str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = [line for line in csv.reader(file) if line]
    if not lines or tuple(lines[0]) != COLUMNS or any(len(line) != len(COLUMNS) for line in lines):
        raise BadInput(f"{path}: expected lines of {','.join(COLUMNS)}, these names first")
    return [((line[0], line[1]), line[2]) for line in lines[1:]]
