"""One run of one warehouse: its lock, its dates, what it found, and how it ended."""

import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

import duckdb

from data_quality.gate import GateReport
from orchestration.erasure import erase as erasure
from orchestration.erasure.tombstones import Erased, read_erased
from orchestration.errors import BadInput, GateRefused, LiucunError
from orchestration.folders import Folders
from orchestration.ingest import acceptance
from orchestration.ingest.hashes import Hashes
from orchestration.ingest.landing import LandingLoad, scan
from orchestration.ingest.ledger import Accepted, Ledger
from orchestration.ingest.receive import Received
from orchestration.ingest.redacted import RedactedFiles
from orchestration.lock import hold
from orchestration.prepare import Prepared
from orchestration.publish import runs as published_runs
from orchestration.publish.manifest import Kind, current_manifest
from orchestration.publish.notify import notify
from orchestration.publish.status import write_status
from orchestration.steps import Steps
from orchestration.stewards.overrides import check, file_of, read_overrides


class Withdrawn(LiucunError):
    """The loads are those of a run that a person rolled back: what is current stays, and that is no failure."""

    exit_code = 0


@dataclass(frozen=True)
class RunRequest:
    """What a run was asked for; None means the newest that there is."""

    as_of: date | None = None
    known_on: date | None = None
    full_refresh: bool = False
    again: bool = False
    scheduled: bool = False

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "RunRequest":
        """From Dagster's run config.

        Raises:
            BadInput: a date is not YYYY-MM-DD.
        """
        return cls(
            as_of=_date_of(config, "as_of"),
            known_on=_date_of(config, "known_on"),
            full_refresh=bool(config.get("full_refresh")),
            again=bool(config.get("again")),
            scheduled=bool(config.get("scheduled")),
        )


def _date_of(config: Mapping[str, Any], key: str) -> date | None:
    text = config.get(key)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(f"run config {key}: expected a date YYYY-MM-DD, found {text!r}") from None


@dataclass(frozen=True)
class Published:
    """A run that readers can open."""

    run_id: str
    path: Path


@dataclass(frozen=True)
class Dates:
    """What a run is of. ``known_on``: load dates up to it are used; ``as_of_date``: business dates up to it count."""

    known_on: date
    as_of_date: date
    kind: Kind

    def __str__(self) -> str:
        return f"as of {self.as_of_date}, loads known on {self.known_on}"


@dataclass
class Run:
    """A run in progress. The steps in ``daily`` read and fill it, in order."""

    prepared: Prepared
    request: RunRequest
    run_id: str
    started_at: datetime
    dates: Dates
    landing_loads: tuple[LandingLoad, ...]
    steps: Steps
    ledger: Ledger
    erased: Erased | None = None
    received: list[Received] = field(default_factory=list)
    accepted_again: list[Accepted] = field(default_factory=list)
    in_force: tuple[Accepted, ...] = ()
    gates: list[GateReport] = field(default_factory=list)
    published: Published | None = None

    @property
    def folders(self) -> Folders:
        """The warehouse's folders."""
        return self.prepared.folders

    @property
    def known_on(self) -> date:
        """Load dates up to this one are used."""
        return self.dates.known_on

    @property
    def as_of_date(self) -> date:
        """Business dates up to this one count."""
        return self.dates.as_of_date

    @property
    def kind(self) -> Kind:
        """Whether the run is made to become current."""
        return self.dates.kind

    @property
    def failure(self) -> BaseException | None:
        """Why the run stopped, None while it has not."""
        return self.steps.failure

    def connect(self) -> duckdb.DuckDBPyConnection:
        """The private warehouse, for a step that works beside dbt; close it before dbt opens the file."""
        settings = self.prepared.settings
        config: dict[str, Any] = {"threads": settings.threads, "autoinstall_known_extensions": "false"}
        if settings.memory_limit:
            config["memory_limit"] = settings.memory_limit
        con = duckdb.connect(str(self.folders.warehouse_file), config=config)
        con.execute("set timezone = 'UTC'")
        return con

    def note(self, text: str) -> None:
        """A line for whoever reads the log."""
        print(f"  {text}", file=self.steps.out, flush=True)


@contextmanager
def open_run(prepared: Prepared, request: RunRequest, out: TextIO | None = None) -> Iterator[Run]:
    """Takes the lock, sweeps what killed runs left, finds out the dates, and tells at the end how the run ended.

    Raises:
        LockHeld: another run is at work.
        BadInput: landing holds something that is no extract, there is nothing to run on, or a date lies in the future.
    """
    started_at = datetime.now(UTC)
    # Before anything is attempted: a mistyped year says nothing of the figures that are current.
    _refuse_future(request, started_at.date())
    run_id = f"{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    with hold(prepared.folders.root):
        run: Run | None = None
        try:
            run = _begin(prepared, request, run_id, started_at, out or sys.stdout)
            yield run
        except BaseException as error:
            _ended(prepared, request, run, run_id, started_at, (run and run.failure) or error)
            if run and run.published and isinstance(error, KeyboardInterrupt):
                raise LiucunError(f"interrupted after run {run_id} was published; exports may be missing") from None
            raise
        else:
            _ended(prepared, request, run, run_id, started_at, run.failure)


def _begin(prepared: Prepared, request: RunRequest, run_id: str, started_at: datetime, out: TextIO) -> Run:
    folders = prepared.folders
    for folder in (folders.landing, folders.private, folders.logs):
        folder.mkdir(parents=True, exist_ok=True)
    acceptance.sweep(folders)
    published_runs.sweep(folders)
    unfinished = erasure.finish(folders, prepared.sources, prepared.settings.erasure_secret)
    erased = read_erased(folders, prepared.settings.erasure_secret)
    folders.private.mkdir(exist_ok=True)
    ledger = Ledger(folders)
    steps = Steps(out, prepared.settings.kill_after)
    with steps.step("landing") as step:
        latest = request.known_on or request.as_of
        found = scan(
            folders.landing,
            prepared.sources.values(),
            latest,
            started_at,
            hashes=Hashes(folders.private / "hashes.json", RedactedFiles(folders)),
        )
        step.note = f"{len(found.loads)} loads"
    dates = _dates(prepared, request, latest or _newest(ledger, found.loads, folders))
    # Before anything is accepted: stewards who contradict each other stop the run.
    rows = read_overrides(folders.overrides)
    check(rows, dates.known_on, prepared.sources, file_of(folders.overrides), folders.options)
    run = Run(
        prepared=prepared,
        request=request,
        run_id=run_id,
        started_at=started_at,
        dates=dates,
        landing_loads=found.loads,
        steps=steps,
        ledger=ledger,
        erased=erased,
    )
    run.note(f"{prepared.name} {dates}, run {run_id}")
    if run.kind == "earlier_date":
        run.note("an earlier date than that of the current run, which stays current")
    for line in (*unfinished, *found.notes):
        run.note(line)
    return run


def settle_dates(run: Run) -> None:
    """Once loads are accepted: one that was refused brings no day with it, unless that day was asked for."""
    newest = max((load.manifest.load_date for load in run.ledger.in_force()), default=run.known_on)
    dates = _dates(run.prepared, run.request, newest)
    if dates != run.dates:
        run.dates = dates
        run.note(f"what is newer was refused: {dates}")


def _dates(prepared: Prepared, request: RunRequest, newest: date) -> Dates:
    """What a run is of; ``newest`` is the newest load date, which counts where no date was asked for."""
    current = current_manifest(prepared.folders)
    # Taking the newest loads out of use corrects a day, it does not go back to the day before.
    known_on = request.known_on or request.as_of or max(newest, current.known_on if current else newest)
    as_of = request.as_of or known_on - timedelta(days=prepared.warehouse.extract_lag_days)
    if current is None:
        return Dates(known_on, as_of, "daily")
    if request.as_of is None and known_on >= current.known_on:
        # Nor does a run without a date after one that was asked for the last day itself.
        as_of = max(as_of, current.as_of_date)
    is_past = as_of < current.as_of_date or known_on < current.known_on
    return Dates(known_on, as_of, "earlier_date" if is_past else "daily")


def _asks_for_past(prepared: Prepared, request: RunRequest) -> bool:
    """Whether a run that did not come as far as its dates was asked for a day before the current one."""
    asked = request.known_on or request.as_of
    return asked is not None and _dates(prepared, request, asked).kind == "earlier_date"


def _refuse_future(request: RunRequest, today: date) -> None:
    """A mistyped year would be published, and every real day after it would count as a past one."""
    for option, asked in (("--as-of", request.as_of), ("--known-on", request.known_on)):
        # Somewhere it is tomorrow already.
        if asked is not None and asked > today + timedelta(days=1):
            raise BadInput(f"{option} {asked}: lies in the future; expected a date up to {today}")


def _newest(ledger: Ledger, loads: tuple[LandingLoad, ...], folders: Folders) -> date:
    dates = [load.load_date for load in loads if ledger.status(load) not in ("discarded", "quarantined")]
    dates += [load.manifest.load_date for load in ledger.in_force()]
    # Of nothing but refused loads the gate says why they were.
    dates = dates or [load.load_date for load in loads if ledger.status(load) == "quarantined"]
    if not dates:
        raise BadInput(
            f"{folders.landing}: there are no extracts yet; put them into <source>/<object>/load_date=YYYY-MM-DD/"
        )
    return max(dates)


def _ended(
    prepared: Prepared,
    request: RunRequest,
    run: Run | None,
    run_id: str,
    started_at: datetime,
    failure: BaseException | None,
) -> None:
    """Writes status.json and tells whom the warehouse's YAML names."""
    result: Any
    why = str(failure) if isinstance(failure, LiucunError) else type(failure).__name__
    if run is not None and run.published is not None:
        # What failed after that changes nothing of what readers see.
        result, reason = "published" if run.kind == "daily" else "earlier_date", why if failure else ""
    elif isinstance(failure, Withdrawn):
        result, reason = "withdrawn", str(failure)
    elif isinstance(failure, GateRefused):
        result, reason = "refused", str(failure)
    else:
        result, reason = "failed", why if failure else "not finished"
    is_past = run.kind == "earlier_date" if run else _asks_for_past(prepared, request)
    status = write_status(prepared.folders, result, reason, run_id, started_at, is_past)
    warehouse = prepared.warehouse
    target = warehouse.on_published if result == "published" else warehouse.on_refused
    # Who looks at a past day sees how that ends; it is no news of what is current.
    is_news = result in ("published", "refused", "failed") and not is_past
    if is_news and (problem := notify(target, {"warehouse": prepared.name, **status})):
        print(f"  {problem}", file=sys.stderr)
