"""SHA-256 of landing files, remembered between runs so that each file is read for it once."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.files import write_if_changed
from orchestration.ingest.redacted import RedactedFiles


@dataclass
class Hashes:
    """Hashes by path, size and modification time. ``memory`` is a JSON file that may be deleted, or None.

    A file that is ``redacted`` has the hash that it came with.
    """

    memory: Path | None = None
    redacted: RedactedFiles | None = None
    _known: dict[str, list[str | int]] = field(default_factory=dict)
    _used: dict[str, list[str | int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Load what an earlier run left; a broken memory is an empty one."""
        if self.memory is None or not self.memory.is_file():
            return
        try:
            known = json.loads(self.memory.read_text(encoding="utf-8"))
            self._known = {path: entry for path, entry in known.items() if len(entry) == 3}
        except (ValueError, AttributeError, TypeError):
            self._known = {}

    def sha256(self, path: Path, seen: os.stat_result, *, is_settled: bool) -> str:
        """Hash of ``path``; only that of a settled file is taken from memory or kept."""
        stamp: list[str | int] = [seen.st_size, seen.st_mtime_ns]
        known = self._known.get(str(path))
        if is_settled and known and known[:2] == stamp:
            digest = str(known[2])
        else:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        if is_settled:
            self._used[str(path)] = [*stamp, digest]
        return self.redacted.original(path, digest) if self.redacted else digest

    def save(self) -> None:
        """Keep the hashes that were asked for, and forget the others."""
        if self.memory is not None:
            write_if_changed(self.memory, json.dumps(self._used, ensure_ascii=True, sort_keys=True))
