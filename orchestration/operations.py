"""What a person asks of a warehouse between runs: looking, deciding about loads, going back."""

from collections.abc import Callable
from datetime import date, datetime

from orchestration import match_models
from orchestration.erasure import erase as erasure
from orchestration.errors import BadInput
from orchestration.files import remove_tree
from orchestration.ingest import acceptance
from orchestration.ingest.decisions import Verb
from orchestration.ingest.hashes import Hashes
from orchestration.ingest.landing import scan
from orchestration.ingest.ledger import Ledger
from orchestration.ingest.prune import prune as prune_landing
from orchestration.ingest.redacted import RedactedFiles
from orchestration.lock import hold
from orchestration.prepare import Prepared, prepare
from orchestration.publish import runs as published_runs
from orchestration.publish import withdrawals
from orchestration.publish.manifest import current_manifest
from orchestration.publish.pointer import current_run
from orchestration.publish.runs import list_runs
from orchestration.publish.status import read_status, write_status
from orchestration.settings import Settings


def status(settings: Settings) -> list[str]:
    """What is current, how the last attempt ended, and which refused loads wait for somebody."""
    prepared = _existing(settings)
    said = read_status(prepared.folders)
    if said is None:
        return [f"{prepared.name}: no run yet; {prepared.folders.command('run')} makes the first"]
    current = current_manifest(prepared.folders)
    lines = [
        f"current       run {current.run_id}, as of {current.as_of_date}" if current else "current       nothing",
        f"last attempt  {said['attempted_at']}: {said['result']}" + (f" - {said['reason']}" if said["reason"] else ""),
    ]
    ledger = Ledger(prepared.folders)
    sources = prepared.sources.values()
    for word, loads in (("refused", ledger.blocking_refusals(sources)), ("held back", ledger.held_back(sources))):
        for load in loads:
            source, name, load_date = load.slot
            lines.append(f"{word:<13} {load.load_id} {source}.{name} of {load_date}: {' '.join(load.manifest.reasons)}")
    return lines


def runs(settings: Settings) -> list[str]:
    """One line per kept run, newest first."""
    prepared = _existing(settings)
    return [
        f"{run.run_id}  as of {run.manifest.as_of_date}  known on {run.manifest.known_on}  "
        f"{len(run.manifest.loads):>5} loads  {run.standing}"
        for run in list_runs(prepared.folders)
    ] or ["no published run yet"]


def rollback(settings: Settings, to: str | None, *, because: str, by: str, at: datetime) -> list[str]:
    """Goes back to the run before the current one, or to a named one."""
    prepared = _existing(settings)
    with hold(prepared.folders.root):
        done = withdrawals.rollback(prepared.folders, because=because, by=by, at=at, to=to)
        reason = f"{by} rolled back to run {done.now_current}: {because}"
        write_status(prepared.folders, "withdrawn", reason, None, at)
        # Warnings of a run that was taken back must not go into a CRM.
        remove_tree(prepared.folders.exports)
    return [
        f"current is run {done.now_current} again; taken back: {', '.join(done.taken_back) or 'none'}",
        f"{prepared.folders.exports} is empty until the next run publishes",
        f"the same loads are not published again by themselves: {prepared.folders.command('run --again')} does",
    ]


def decide(settings: Settings, load: str, decision: Verb, *, because: str, by: str, at: datetime) -> list[str]:
    """Records a decision about a load; the next run carries it out."""
    prepared = _existing(settings)
    with hold(prepared.folders.root):
        acceptance.sweep(prepared.folders)
        refused = [q.load_id for q in Ledger(prepared.folders).quarantined() if q.load_id.startswith(load)]
        needs_files = decision == "accept" or (decision == "retry" and refused)
        if needs_files and not any(there.startswith(load) for there in _in_landing(prepared)):
            raise BadInput(
                f"{decision} {load}: its files do not lie in {prepared.folders.landing} as they were refused, and "
                "quarantine keeps none; put them back, or discard the load"
            )
        load_id = acceptance.decide(prepared.folders, load, decision, because, by, at)
    done = {
        "accept": "will be taken as it is",
        "discard": "is left out from now on",
        "retry": "will be judged again",
    }[decision]
    return [f"load {load_id} {done} by the next run ({prepared.folders.command('run')})"]


def prune(settings: Settings, today: date) -> list[str]:
    """Removes landing files that are in raw and older than the warehouse keeps them."""
    prepared = _existing(settings)
    with hold(prepared.folders.root):
        hashes = Hashes(redacted=RedactedFiles(prepared.folders))
        found = scan(prepared.folders.landing, prepared.sources.values(), hashes=hashes)
        removed = prune_landing(Ledger(prepared.folders), found, prepared.warehouse.retention.landing_days, today)
    return [f"{len(removed)} files removed from {prepared.folders.landing}"]


def erase(settings: Settings, request: erasure.Request) -> list[str]:
    """Takes a customer out of everything that the warehouse keeps."""
    return _erasing(settings, lambda p: erasure.erase(p.folders, p.sources, request, settings.erasure_secret))


def erase_again(settings: Settings, at: datetime) -> list[str]:
    """Takes everybody who was erased out of the extracts that have come since."""
    return _erasing(settings, lambda p: erasure.again(p.folders, p.sources, settings.erasure_secret, at))


def _erasing(settings: Settings, work: Callable[[Prepared], list[str]]) -> list[str]:
    prepared = _existing(settings)
    with hold(prepared.folders.root):
        acceptance.sweep(prepared.folders)
        published_runs.sweep(prepared.folders)
        return work(prepared)


def steward(settings: Settings, work: Callable[[Prepared], list[str]]) -> list[str]:
    """What a steward asks or decides about pairs of records."""
    return work(_existing(settings))


def train_identity(settings: Settings, today: date) -> list[str]:
    """Trains the matching models on the records of the newest run."""
    prepared = _existing(settings)
    with hold(prepared.folders.root):
        return match_models.train_models(prepared.folders, today, settings.threads)


def _in_landing(prepared: Prepared) -> list[str]:
    hashes = Hashes(prepared.folders.private / "hashes.json", RedactedFiles(prepared.folders))
    return [load.load_id for load in scan(prepared.folders.landing, prepared.sources.values(), hashes=hashes).loads]


def _existing(settings: Settings) -> Prepared:
    prepared = prepare(settings)
    if not prepared.folders.root.is_dir():
        first = prepared.folders.command("run")
        raise BadInput(f"{prepared.folders.root}: there is no such warehouse folder yet; {first} makes it")
    if current_run(prepared.folders) is None and not prepared.folders.landing.is_dir():
        raise BadInput(f"{prepared.folders.root}: this is not a warehouse's folder (it has no landing/)")
    return prepared
