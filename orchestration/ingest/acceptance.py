"""The steps that change the ledger: accept, refuse, decide, and sweep up after a run that was killed.

Accepting several loads is one step for whoever comes after: the journal ``incoming/accepting.json`` is the commit
point. Before it is there nothing counts; once it is there ``sweep`` finishes what it says.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from orchestration.errors import BadInput, LiucunError
from orchestration.files import remove, sync, write_whole
from orchestration.folders import Folders
from orchestration.ingest.decisions import Decision, Verb, append_decision
from orchestration.ingest.ledger import Accepted, Ledger, Quarantined
from orchestration.ingest.manifest import Manifest, RefusedManifest
from orchestration.ingest.receive import Received

Hook = Callable[[str], None]


class _Journal(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    manifests: tuple[Manifest, ...]


@dataclass(frozen=True)
class Swept:
    """What a sweep found: loads whose acceptance it finished, and leftovers it removed, by name."""

    accepted: tuple[str, ...]
    removed: tuple[str, ...]


def _journal_of(folders: Folders) -> Path:
    return folders.incoming / "accepting.json"


def _home_of(folders: Folders, manifest: Manifest) -> Path:
    return folders.raw / manifest.source / manifest.object / manifest.load_id


def accept_all(
    folders: Folders,
    received: Sequence[Received],
    at: datetime,
    *,
    again: Iterable[Accepted] = (),
    after: Hook = lambda _step: None,
) -> tuple[Manifest, ...]:
    """Accept all of ``received``, and put the loads ``again`` in force once more: all or nothing.

    ``after`` is called with a step's name when it is done; what it raises leaves the folders as a kill would.
    Returns the manifests with their sequences, in order of load date.
    """
    if _journal_of(folders).exists():
        raise LiucunError(f"{_journal_of(folders)}: an earlier acceptance is not finished; sweep first")
    if unreadable := [r.load_id for r in received if not r.is_readable]:
        raise ValueError(f"these loads could not be read and cannot be accepted: {', '.join(unreadable)}")
    manifests = _numbered(Ledger(folders), [*(r.manifest for r in received), *(a.manifest for a in again)], at)
    if not manifests:
        return ()
    for load in received:
        for path in (*sorted(load.folder.iterdir()), load.folder):
            sync(path)
    sync(folders.incoming)
    write_whole(_journal_of(folders), _Journal(manifests=manifests).model_dump_json(indent=2))
    after("journal")
    _roll_forward(folders, after)
    return manifests


def _numbered(ledger: Ledger, manifests: Iterable[Manifest], at: datetime) -> tuple[Manifest, ...]:
    last: dict[tuple[str, str], int] = {}
    numbered = []
    for manifest in sorted(manifests, key=lambda m: (m.source, m.object, m.load_date, m.load_id)):
        key = (manifest.source, manifest.object)
        last[key] = last.get(key, ledger.last_sequence(*key)) + 1
        numbered.append(manifest.model_copy(update={"sequence": last[key], "accepted_at": at}))
    return tuple(numbered)


def _roll_forward(folders: Folders, after: Hook) -> tuple[str, ...]:
    """Do what the journal says, whatever of it is done already, and remove it."""
    journal = _Journal.model_validate_json(_journal_of(folders).read_bytes())
    for manifest in journal.manifests:
        home, waiting = _home_of(folders, manifest), folders.incoming / manifest.load_id
        if not home.exists():
            manifest.write(waiting)
            after(f"manifest {manifest.load_id}")
            home.parent.mkdir(parents=True, exist_ok=True)
            waiting.rename(home)
            sync(home.parent)
        else:
            manifest.write(home)
        after(f"accepted {manifest.load_id}")
        if (folders.quarantine / manifest.load_id).exists():
            _discard_folder(folders, folders.quarantine / manifest.load_id)
            after(f"out of quarantine {manifest.load_id}")
    _journal_of(folders).unlink()
    sync(folders.incoming)
    after("done")
    return tuple(manifest.load_id for manifest in journal.manifests)


def _discard_folder(folders: Folders, folder: Path) -> None:
    """Take a folder away in one step: what has left its place is a leftover for ``sweep``."""
    folders.incoming.mkdir(parents=True, exist_ok=True)
    aside = folders.incoming / f".{folder.name}.gone"
    remove(aside)
    folder.rename(aside)
    sync(folder.parent)
    remove(aside)


def sweep(folders: Folders) -> Swept:
    """Finish an acceptance that a kill interrupted, and remove everything else from ``incoming/``.

    Only for the holder of the warehouse's lock.
    """
    accepted: tuple[str, ...] = ()
    if _journal_of(folders).exists():
        accepted = _roll_forward(folders, lambda _step: None)
    removed = sorted(path.name for path in folders.incoming.iterdir()) if folders.incoming.is_dir() else []
    for name in removed:
        remove(folders.incoming / name)
    return Swept(accepted, tuple(removed))


def refuse(folders: Folders, received: Received, reasons: Sequence[str], at: datetime) -> Path:
    """Move a load to ``quarantine/<load_id>/{manifest.json, rejects.parquet}`` in one step; its data is dropped."""
    manifest = RefusedManifest(
        **{**received.manifest.model_dump(), "decision": None},
        reasons=tuple(reasons),
        refused_at=at,
        refused_after=Ledger(folders).last_sequence(received.load.source, received.load.object),
    )
    manifest.write(received.folder)
    remove(received.data)
    for path in (*sorted(received.folder.iterdir()), received.folder):
        sync(path)
    home = folders.quarantine / received.load_id
    folders.quarantine.mkdir(parents=True, exist_ok=True)
    if home.exists():
        _discard_folder(folders, home)
    received.folder.rename(home)
    sync(folders.quarantine)
    return home


def decide(folders: Folders, load_id: str, decision: Verb, because: str, by: str, at: datetime) -> str:
    """Record a person's decision about a load, named by its id or the start of it; the whole id is returned.

    accept: a refused load, taken as it is by the next run. discard: a refused or an accepted one, out of use.
    retry: a refused one is judged again, a discarded one comes back. Raises BadInput for anything else.
    """
    ledger = Ledger(folders)
    load = _find(ledger, load_id)
    is_refused, is_discarded = isinstance(load, Quarantined), ledger.decided(load.load_id) == "discard"
    if not because.strip() and decision != "retry":
        raise BadInput(f"{decision} {load.load_id}: expected a reason (--because)")
    if decision == "accept" and not is_refused:
        raise BadInput(
            f"accept {load.load_id}: it was not refused" + (", retry brings it back" if is_discarded else "")
        )
    if decision == "discard" and is_discarded:
        raise BadInput(f"discard {load.load_id}: it is discarded already")
    if decision == "retry" and not (is_refused or is_discarded):
        raise BadInput(f"retry {load.load_id}: it was neither refused nor discarded")
    append_decision(folders.overrides, Decision(load.load_id, decision, because, at.isoformat(), by))
    # In this order a kill in between leaves a refused load, which can be retried once more.
    if decision == "retry" and is_refused:
        _discard_folder(folders, load.folder)
    return load.load_id


def _find(ledger: Ledger, load_id: str) -> Accepted | Quarantined:
    known: dict[str, Accepted | Quarantined] = {a.load_id: a for a in ledger.accepted()}
    known.update({q.load_id: q for q in ledger.quarantined()})
    found = [name for name in sorted(known) if name.startswith(load_id)] if load_id else []
    if load_id in known:
        return known[load_id]
    if len(found) == 1:
        return known[found[0]]
    if found:
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        raise BadInput(f"load {load_id}: several loads begin so: {', '.join(found[:5])}{more}; name more of its id")
    refused = ", ".join(_shown(q.manifest) for q in ledger.quarantined()) or "none"
    newest = sorted((a for a in ledger.accepted() if a.manifest.accepted_at), key=lambda a: a.slot[2])[-5:]
    accepted = ", ".join(_shown(a.manifest) for a in newest) or "none"
    raise BadInput(f"load {load_id!r}: there is no such load; refused: {refused}; newest accepted: {accepted}")


def _shown(manifest: Manifest) -> str:
    return f"{manifest.load_id} ({manifest.source}/{manifest.object} {manifest.load_date})"
