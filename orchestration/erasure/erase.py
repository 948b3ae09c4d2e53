"""The erasure itself: who, then the journal and the tombstones, then every store; a kill in between is finished later.

Everything is rewritten by tombstones alone, so what was begun can be done again by whoever has the secret. The journal
``overrides/erasing.json`` says that it was begun; it holds marks and minted ids, and nothing of the person.
"""

import contextlib
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, ValidationError

from orchestration.erasure import people
from orchestration.erasure.history import redact_overrides, redact_state
from orchestration.erasure.landing import empty, redact_file, told_in
from orchestration.erasure.loads import redact_accepted, redact_refused
from orchestration.erasure.published import redact_run
from orchestration.erasure.rules import Rules
from orchestration.erasure.tombstones import Erased, add_tombstones, checked_secret, read_erased
from orchestration.errors import BadInput, LiucunError
from orchestration.files import entries, remove, remove_tree, sync, write_whole
from orchestration.folders import Folders
from orchestration.ingest.contract import Source
from orchestration.ingest.decode import Unreadable
from orchestration.ingest.hashes import Hashes
from orchestration.ingest.landing import LandingLoad, scan
from orchestration.ingest.ledger import Ledger
from orchestration.ingest.redacted import RedactedFiles
from orchestration.publish.manifest import read_manifest
from orchestration.publish.pointer import current_run, run_folder, runs_folder
from orchestration.stewards.sheet import text_of

Hook = Callable[[str], None]
COLUMNS = ("erased_at", "by", "because", "record_count", "customer_id")
_ERASURES = pa.schema([("erased_at", pa.timestamp("us")), ("customer_id", pa.string()), ("record_count", pa.int64())])


class _Journal(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    customer_id: str
    because: str
    by: str
    at: datetime
    record_count: int
    marks: tuple[tuple[str, str], ...]
    values: tuple[str, ...]
    customers: dict[str, list[str]]


@dataclass(frozen=True)
class Request:
    """What a person asked for; ``identifiers``: keep the same person under a new record id out too."""

    customer_id: str
    because: str
    by: str
    at: datetime
    identifiers: bool = False


def erase(
    folders: Folders,
    sources: Mapping[str, Source],
    request: Request,
    secret: str | None,
    after: Hook = lambda _step: None,
) -> list[str]:
    """Take a customer out of everything the warehouse keeps; lines that say what was done. Hold the lock.

    ``after`` is called with a step's name when it is done. Raises BadInput without a secret or for an unknown customer.
    """
    started = read_erased(folders, secret) or Erased(checked_secret(secret))
    if not request.because.strip():
        raise BadInput(f"erase {request.customer_id}: expected a reason (--because)")
    said = finish(folders, sources, secret, after)
    was_erased = request.customer_id in {line[-1] for line in _lines(folders)[1:]}
    records = people.records_of(folders, request.customer_id, was_erased=was_erased)
    if not records:
        return [*said, f"{request.customer_id} was erased already; see {_record(folders)}"]
    _extracts(folders, sources, RedactedFiles(folders))  # what would stop the work stops it before it began
    values = people.values_of(folders, sources, records)
    identifiers = people.unshared_identifiers(folders, sources, records, values) if request.identifiers else set()
    texts = {text for kind in values.values() for text in kind}
    journal = _Journal(
        customer_id=request.customer_id,
        because=request.because,
        by=request.by,
        at=request.at,
        record_count=len(records),
        marks=tuple(sorted(people.marks_of(started, records, identifiers))),
        values=tuple(sorted(started.value_mark(text) for text in texts)),
        customers=people.customers_of_runs(folders, records),
    )
    # The secret's own mark first: what was begun under one secret cannot be finished under another.
    add_tombstones(folders, started, (), request.at)
    write_whole(_journal(folders), journal.model_dump_json(indent=2) + "\n")
    after("journal")
    return [*said, *_carry_out(folders, sources, journal, secret, after, again=False)]


def finish(
    folders: Folders, sources: Mapping[str, Source], secret: str | None, after: Hook = lambda _step: None
) -> list[str]:
    """Carry out the erasure that a kill interrupted, if there is one; lines that say what was done. Hold the lock."""
    path = _journal(folders)
    if not path.is_file():
        return []
    checked_secret(secret)
    try:
        journal = _Journal.model_validate_json(path.read_bytes())
    except ValidationError:
        raise LiucunError(f"{path}: is not the journal of an erasure; restore it from a backup") from None
    return _carry_out(folders, sources, journal, secret, after, again=True)


def again(folders: Folders, sources: Mapping[str, Source], secret: str | None, at: datetime) -> list[str]:
    """Take everybody who was erased out of what has come since: extracts in landing still name who the CRM kept."""
    said = finish(folders, sources, secret)
    erased = read_erased(folders, secret)
    if erased is None:
        return [*said, "nobody was erased from this warehouse"]
    return [*said, *_Stores(folders, sources, erased, at).run()]


def _carry_out(
    folders: Folders, sources: Mapping[str, Source], journal: _Journal, secret: str | None, after: Hook, *, again: bool
) -> list[str]:
    began = read_erased(folders, secret)
    if began is None:
        raise BadInput(f"{folders.overrides / 'tombstones.csv'}: is missing, with an erasure under way; restore it")
    erased = add_tombstones(folders, began, journal.marks, journal.at).with_marks((), journal.values)
    after("tombstones")
    lines = _Stores(folders, sources, erased, journal.at, journal.customers, after, again).run()
    _note(folders, journal)
    _journal(folders).unlink()
    sync(folders.overrides)
    return [f"{journal.customer_id} erased: {journal.record_count} record(s)", *lines]


@dataclass(frozen=True)
class _Stores:
    """Every place where a person can be, each rewritten by ``erased`` alone; ``at``: when."""

    folders: Folders
    sources: Mapping[str, Source]
    erased: Erased
    at: datetime
    customers: Mapping[str, list[str]] | None = None
    after: Hook = lambda _step: None
    again: bool = True

    def run(self) -> list[str]:
        # First, since it is made from the rest: killed later, nothing is built on what still knows the person.
        for path in (self.folders.private, self.folders.incoming):
            remove(path)
        self.after("private")
        redacted = RedactedFiles(self.folders)
        extracts = _extracts(self.folders, self.sources, redacted)
        erased = self._remember(extracts)
        self.after("told")
        return replace(self, erased=erased)._rewrite(extracts, redacted)

    def _remember(self, extracts: Sequence[LandingLoad]) -> Erased:
        """Write down who is told by an identifier in landing, before any row goes: others have only the record's id."""
        told: set[str] = set()
        work = self.folders.root / ".erasing"
        for load in extracts if self.erased.has_identifiers else ():
            if rules := self._rules(load.source, load.object):
                for file in load.files:
                    with contextlib.suppress(Unreadable):  # it is named when it is to be rewritten
                        told |= told_in(file.path, rules, empty(work))
        remove(work)
        marks = {("record", self.erased.record_mark(key)) for key in told}
        return add_tombstones(self.folders, self.erased, marks, self.at)

    def _rewrite(self, extracts: Sequence[LandingLoad], redacted: RedactedFiles) -> list[str]:
        lines = list(self._landing(extracts, redacted))
        self.after("landing")
        loads = self._loads()
        self.after("loads")
        runs = self._published()
        self.after("published")
        states = redact_state(self.folders.state, self.erased)
        redact_overrides(self.folders.overrides, self.erased)
        self.after("state")
        lines.append(f"{loads} loads, {runs} published runs and {states} files of state rewritten, private/ emptied")
        return [*lines, f"the next run ({self.folders.command('run')}) publishes without the person"]

    def _landing(self, extracts: Sequence[LandingLoad], redacted: RedactedFiles) -> Iterator[str]:
        landing = self.folders.landing
        seen: set[Path] = set()
        changed = 0
        work = self.folders.root / ".erasing"
        for load in extracts:
            rules = self._rules(load.source, load.object)
            seen |= {file.path for file in load.files}
            for file in load.files:
                if rules is None:
                    continue
                try:
                    changed += redact_file(file.path, rules, empty(work), redacted)
                except Unreadable as problem:
                    yield f"left as it is: {file.path} {problem}; look for the person yourself, or remove it"
        remove(work)
        for path in sorted(landing.rglob("*")):
            if path.is_file() and path not in seen:
                yield f"left as it is: {path} is no extract; look for the person yourself, or remove it"
        yield f"{changed} landing files rewritten"

    def _rules(self, source: str, name: str) -> Rules | None:
        spec = self.sources[source].objects.get(name) if source in self.sources else None
        return Rules(source, spec, self.erased) if spec else None

    def _loads(self) -> int:
        ledger = Ledger(self.folders)
        changed = 0
        with duckdb.connect() as con:
            con.execute("set autoinstall_known_extensions = false")
            for load in ledger.accepted():
                if rules := self._rules(*load.key):
                    changed += redact_accepted(con, load, rules)
        for refused in ledger.quarantined():
            if rules := self._rules(*refused.slot[:2]):
                changed += redact_refused(refused, rules)
        return changed

    def _published(self) -> int:
        """Runs of earlier dates give their customers ids that nothing keeps: they go, and can be made again."""
        if self.customers is None:
            return 0
        changed, current = 0, current_run(self.folders)
        for run_id in entries(runs_folder(self.folders)):
            run = run_folder(self.folders, run_id)
            if run_id != current and (run_id not in self.customers or read_manifest(run).kind == "earlier_date"):
                remove_tree(run)
                changed += 1
            elif self.customers.get(run_id):
                changed += bool(redact_run(run, self.customers[run_id], again=self.again))
        return changed


def _extracts(folders: Folders, sources: Mapping[str, Source], redacted: RedactedFiles) -> tuple[LandingLoad, ...]:
    return scan(folders.landing, sources.values(), hashes=Hashes(redacted=redacted)).loads


def _note(folders: Folders, journal: _Journal) -> None:
    lines = _lines(folders) or [list(COLUMNS)]
    done = [journal.at.isoformat(timespec="seconds"), journal.by, journal.because, str(journal.record_count)]
    if [*done, journal.customer_id] not in lines:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows([*lines, [*done, journal.customer_id]])
        write_whole(_record(folders), text.getvalue())


def erasures(folders: Folders) -> pa.Table:
    """Every erasure that was done: ``erased_at`` (timestamp, UTC), ``customer_id``, ``record_count``."""
    rows = [dict(zip(COLUMNS, line, strict=True)) for line in _lines(folders)[1:]]
    ids = [row["customer_id"] for row in rows]
    try:
        times = [datetime.fromisoformat(row["erased_at"]).astimezone(UTC).replace(tzinfo=None) for row in rows]
        counts = [int(row["record_count"]) for row in rows]
    except (ValueError, OverflowError) as problem:
        raise BadInput(f"{_record(folders)}: expected ISO times and whole numbers ({problem}); restore it") from None
    if wrong := [customer_id for customer_id in ids if not re.fullmatch("C[0-9]{1,18}", customer_id)]:
        raise BadInput(f"{_record(folders)}: expected customer ids such as C1, found {wrong[0]!r}; restore it")
    return pa.table([times, ids, counts], schema=_ERASURES)


def _lines(folders: Folders) -> list[list[str]]:
    if not _record(folders).is_file():
        return []
    try:
        lines = [line for line in csv.reader(io.StringIO(text_of(_record(folders)), newline="")) if line]
    except (Unreadable, csv.Error) as problem:
        raise BadInput(f"{_record(folders)}: is no CSV ({problem}); restore it from a backup") from None
    if not lines or tuple(lines[0]) != COLUMNS or any(len(line) != len(COLUMNS) for line in lines):
        raise BadInput(f"{_record(folders)}: expected lines of {','.join(COLUMNS)}, these names first")
    return lines


def _record(folders: Folders) -> Path:
    return folders.overrides / "erasures.csv"


def _journal(folders: Folders) -> Path:
    return folders.overrides / "erasing.json"
