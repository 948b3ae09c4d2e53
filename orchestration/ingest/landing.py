"""What lies in ``landing/``: which files form which load, and which are not ready."""

import hashlib
import os
import re
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from orchestration.errors import BadInput
from orchestration.ingest.contract import Source, SourceObject
from orchestration.ingest.hashes import Hashes
from orchestration.ingest.patterns import FilePattern, NotADate

SETTLED_AFTER_SECONDS = 5.0
"""A file younger than this is looked at twice before it is taken."""

_IGNORED = re.compile(r"\.|~\$|.*\.(part|tmp)$", re.IGNORECASE)
_LOAD_DATE_FOLDER = re.compile(r"load_date=(\d{4}-\d{2}-\d{2})")
_PROBLEMS_SHOWN = 5


@dataclass(frozen=True)
class LandingFile:
    """A file as it was when it was hashed."""

    path: Path
    bytes: int
    modified_ns: int
    sha256: str

    @property
    def name(self) -> str:
        """The file's own name, which raw keeps as ``_file``."""
        return self.path.name


@dataclass(frozen=True)
class LandingLoad:
    """All files of one object and load date, in the order of their names."""

    source: str
    object: str
    load_date: date
    files: tuple[LandingFile, ...]
    load_id: str

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True)
class LandingScan:
    """Loads in order of source, object and date; files that wait; one line per thing worth saying."""

    loads: tuple[LandingLoad, ...]
    waiting: tuple[Path, ...]
    notes: tuple[str, ...]


def load_id_of(source: str, object_name: str, load_date: date, hashes: Iterable[str]) -> str:
    """Identity of a load: 16 hex digits over what it is and the contents of its files, not their names."""
    text = "\n".join([source, object_name, load_date.isoformat(), *sorted(hashes)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _Found:
    source: str
    object: str
    load_date: date
    path: Path
    seen: os.stat_result


def scan(
    landing: Path,
    sources: Iterable[Source],
    known_on: date | None = None,
    now: datetime | None = None,
    *,
    hashes: Hashes | None = None,
    settled_after: float = SETTLED_AFTER_SECONDS,
    pause: Callable[[], None] = lambda: time.sleep(0.2),
) -> LandingScan:
    """Group the files of ``landing`` into loads with a load date up to ``known_on`` (None: all).

    ``now`` (with a time zone) tells young files from settled ones; None trusts every file. ``pause`` is
    called once between the two looks at young files. Raises BadInput that names every path which is
    neither a load nor ignored.
    """
    hashes = hashes or Hashes()
    walk = _Walk(landing, {source.source: source for source in sources}, now.date() if now else None)
    walk.run()
    if walk.problems:
        raise BadInput(_paragraph(walk.problems))
    notes = list(walk.notes)
    found = [f for f in walk.found if known_on is None or f.load_date <= known_on]
    if later := len(walk.found) - len(found):
        notes.append(f"landing: {later} file(s) with a load date after {known_on} are left for later")

    def is_settled(file: _Found) -> bool:
        return now is None or now.timestamp() - file.seen.st_mtime > settled_after

    if not all(is_settled(file) for file in found):
        pause()
    waiting: set[Path] = set()
    groups: dict[tuple[str, str, date], list[_Found]] = {}
    for file in found:
        groups.setdefault((file.source, file.object, file.load_date), []).append(file)
    loads = []
    for (source, object_name, load_date), members in sorted(groups.items()):
        try:
            digests = [hashes.sha256(f.path, f.seen, is_settled=is_settled(f)) for f in members]
        except OSError as problem:
            raise BadInput(f"{problem.filename}: cannot be read ({problem.strerror}); mend its permissions") from None
        if changed := {file.path for file in members if _changed(file.path, file.seen)}:
            waiting |= changed
            continue
        files = [
            LandingFile(f.path, f.seen.st_size, f.seen.st_mtime_ns, digest)
            for f, digest in zip(members, digests, strict=True)
        ]
        files.sort(key=lambda f: f.name)
        load_id = load_id_of(source, object_name, load_date, digests)
        loads.append(LandingLoad(source, object_name, load_date, tuple(files), load_id))
    hashes.save()
    notes += [f"{path}: still being written; its load waits for the next run" for path in sorted(waiting)]
    return LandingScan(tuple(loads), tuple(sorted(waiting)), tuple(notes))


def is_unchanged(file: LandingFile) -> bool:
    """Whether the file still is what was hashed, by size and modification time."""
    try:
        seen = file.path.stat()
    except OSError:
        return False
    return (seen.st_size, seen.st_mtime_ns) == (file.bytes, file.modified_ns)


def _changed(path: Path, before: os.stat_result) -> bool:
    try:
        after = path.stat()
    except OSError:
        return True
    return (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns)


def _paragraph(problems: list[str]) -> str:
    more = len(problems) - _PROBLEMS_SHOWN
    return "; ".join(problems[:_PROBLEMS_SHOWN]) + (f"; and {more} more" if more > 0 else "")


class _Walk:
    """One pass over the folders, collecting everything wrong so that it can be mended at once."""

    def __init__(self, landing: Path, sources: dict[str, Source], today: date | None) -> None:
        self.landing, self.sources, self.today = landing, sources, today
        self.found: list[_Found] = []
        self.problems: list[str] = []
        self.notes: list[str] = []
        self._names: dict[tuple[str, str, date, str], Path] = {}

    def run(self) -> None:
        if not self.landing.exists():
            return
        if not self.landing.is_dir():
            self.problems.append(f"{self.landing}: expected a folder")
            return
        for path in self._entries(self.landing):
            if not path.is_dir():
                self._unexpected(path, f"move it into {self.landing.name}/<source>/<object>/load_date=YYYY-MM-DD/")
            elif path.name in self.sources:
                self._source(path, self.sources[path.name])
            else:
                self.notes.append(f"{path}: the warehouse uses no source {path.name!r}; left alone")

    def _source(self, folder: Path, source: Source) -> None:
        dated = {n: p for n, o in source.objects.items() if (p := FilePattern.parse(o.files)).date_format}
        for path in self._entries(folder):
            if path.is_dir():
                if path.name in source.objects:
                    self._object(path, source.source, source.objects[path.name])
                else:
                    names = ", ".join(source.objects)
                    self._unexpected(path, f"{source.source} has no such object; it has {names}")
                continue
            fitting = [name for name, pattern in dated.items() if pattern.matches(path.name)]
            if len(fitting) > 1:
                self._unexpected(
                    path, f"its name fits several objects ({', '.join(fitting)}); make their patterns differ"
                )
            elif fitting:
                self._dated(path, source.source, fitting[0], dated[fitting[0]])
            else:
                self._unexpected(path, f"no object of {source.source} has a dated file pattern that fits this name")

    def _object(self, folder: Path, source: str, spec: SourceObject) -> None:
        pattern = FilePattern.parse(spec.files)
        for path in self._entries(folder):
            if path.is_dir():
                match = _LOAD_DATE_FOLDER.fullmatch(path.name)
                load_date = _iso_date(match[1]) if match else None
                if load_date is None:
                    self._unexpected(path, "expected a folder load_date=YYYY-MM-DD")
                else:
                    self._load_folder(path, source, spec.name, load_date, pattern)
            elif not pattern.matches(path.name):
                self._unexpected(path, f"the name does not fit the pattern {spec.files!r}")
            elif pattern.date_format is None:
                self._unexpected(path, "has no load date; move it into a folder load_date=YYYY-MM-DD")
            else:
                self._dated(path, source, spec.name, pattern)

    def _load_folder(self, folder: Path, source: str, object_name: str, load_date: date, pattern: FilePattern) -> None:
        for path in self._entries(folder):
            if path.is_dir():
                self._unexpected(path, "a load date's folder holds files only")
            elif not pattern.matches(path.name):
                self._unexpected(path, f"the name does not fit the pattern {pattern.text!r}")
            else:
                self._dated(path, source, object_name, pattern, load_date)

    def _dated(
        self, path: Path, source: str, object_name: str, pattern: FilePattern, of_folder: date | None = None
    ) -> None:
        try:
            load_date = pattern.load_date(path.name)
        except NotADate as problem:
            self._unexpected(path, str(problem))
            return
        if load_date and of_folder and load_date != of_folder:
            self._unexpected(path, f"the name says {load_date}, the folder {of_folder}")
            return
        load_date = load_date or of_folder
        assert load_date is not None
        if self.today and load_date > self.today + timedelta(days=1):
            self._unexpected(path, f"the load date {load_date} lies in the future")
            return
        other = self._names.setdefault((source, object_name, load_date, path.name), path)
        if other != path:
            self._unexpected(path, f"the same load has another file of that name, {other}")
            return
        self.found.append(_Found(source, object_name, load_date, path, path.stat()))

    def _entries(self, folder: Path) -> Iterator[Path]:
        """What lies in ``folder`` and is not ignored; links and odd names are problems, and not entered."""
        try:
            entries = sorted(folder.iterdir())
        except OSError as problem:
            self.problems.append(f"{folder}: cannot be read ({problem.strerror}); mend its permissions")
            return
        for path in entries:
            if _IGNORED.match(path.name):
                continue
            try:
                mode = path.lstat().st_mode
            except OSError:
                continue
            if stat.S_ISLNK(mode):
                self._unexpected(path, "is a symbolic link; put the file itself there")
            elif not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                self._unexpected(path, "is neither a file nor a folder; remove it")
            elif re.search(r"[*?\[\]{}\x00-\x1f\x7f\udc80-\udcff]", path.name):
                self._unexpected(path, "the name has one of * ? [ ] { } or a character that is no text; rename it")
            else:
                yield path

    def _unexpected(self, path: Path, remedy: str) -> None:
        shown = str(path).encode("unicode_escape").decode() if not str(path).isprintable() else str(path)
        self.problems.append(f"{shown}: {remedy}")


def _iso_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
