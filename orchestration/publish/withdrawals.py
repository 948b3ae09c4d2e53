"""Taking a published run back: readers see an earlier run again, and its loads wait for a decision.

``overrides/withdrawn_runs.csv`` records it (run_id, load_set, decision, because, decided_at,
decided_by; the last row of a load set counts), so that the next schedule does not bring the same thing back.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from pathlib import Path

from orchestration.errors import BadInput
from orchestration.files import entries, write_whole
from orchestration.folders import Folders
from orchestration.publish.manifest import load_set, read_manifest
from orchestration.publish.pointer import current_run, flip, run_folder, runs_folder
from orchestration.publish.state import ancestors, chain_of

WITHDRAWN, RESTORED = "withdrawn", "restored"


@dataclass(frozen=True)
class Withdrawal:
    """One row of the record; ``decision`` is withdrawn or restored."""

    run_id: str
    load_set: str
    decision: str
    because: str
    decided_at: str
    decided_by: str


@dataclass(frozen=True)
class Rollback:
    """What a roll back did."""

    now_current: str
    taken_back: tuple[str, ...]


def rollback(folders: Folders, *, because: str, by: str, at: datetime, to: str | None = None) -> Rollback:
    """Makes the current run's parent, or the kept daily run ``to``, what readers see.

    Every run that leaves the chain by it is recorded as withdrawn; going to a run that was withdrawn restores
    it. The record is written before the flip: a kill between them is healed by rolling back again. BadInput
    says why a target cannot be had.
    """
    current = current_run(folders)
    if current is None:
        raise BadInput(f"Nothing is published in {folders.published} yet, so there is nothing to roll back.")
    target = to or _parent(folders, current)
    _require_kept(folders, target, current)
    before = ancestors(folders, current)
    after = tuple(run.run_id for run in reversed(chain_of(folders, target)))
    leaving = tuple(run_id for run_id in before if run_id not in after)
    withdrawn = [(run_id, WITHDRAWN) for run_id in reversed(leaving)]
    restored = [(run_id, RESTORED) for run_id in reversed(after) if run_id not in before]
    _record(
        folders,
        [
            Withdrawal(run_id, read_manifest(run_folder(folders, run_id)).load_set, decision, because, _text(at), by)
            # Restored last: the target's own load set may equal that of a run which leaves.
            for run_id, decision in withdrawn + restored
            if run_folder(folders, run_id).is_dir()
        ],
    )
    flip(folders, target)
    return Rollback(target, leaving)


def withdrawal(folders: Folders, load_ids: Iterable[str]) -> Withdrawal | None:
    """The decision that keeps a run with exactly these loads from being published, if there is one."""
    wanted = load_set(load_ids)
    rows = [row for row in withdrawals(folders) if row.load_set == wanted]
    return rows[-1] if rows and rows[-1].decision == WITHDRAWN else None


def restore(folders: Folders, load_ids: Iterable[str], *, because: str, by: str, at: datetime) -> None:
    """Lets a run with these loads be published again (``liucun run --again``), if it may not be."""
    if row := withdrawal(folders, load_ids):
        _record(folders, [Withdrawal(row.run_id, row.load_set, RESTORED, because, _text(at), by)])


def withdrawals(folders: Folders) -> tuple[Withdrawal, ...]:
    """Every decision, oldest first; BadInput when the file is not what this module writes."""
    path = _path(folders)
    if not path.exists():
        return ()
    expected = [field.name for field in fields(Withdrawal)]
    try:
        lines = [line for line in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")) if line]
    except (UnicodeDecodeError, csv.Error) as problem:
        raise BadInput(f"{path}: is not UTF-8 CSV ({problem}); save it as CSV UTF-8") from None
    if not lines or lines[0] != expected:
        raise BadInput(f"{path}: the first line must read {','.join(expected)}.")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(expected) or line[2] not in (WITHDRAWN, RESTORED):
            raise BadInput(
                f"{path}, row {number}: expected {len(expected)} fields, the third {WITHDRAWN} or {RESTORED}."
            )
        rows.append(Withdrawal(*line))
    return tuple(rows)


def _parent(folders: Folders, current: str) -> str:
    parent = read_manifest(run_folder(folders, current)).parent
    if parent is None:
        raise BadInput(f"Run {current} is the first one: there is no run before it to roll back to.")
    return parent


def _require_kept(folders: Folders, target: str, current: str) -> None:
    if target == current:
        raise BadInput(f"Run {target} is current already.")
    known = {*entries(folders.state), *ancestors(folders, current), *(row.run_id for row in withdrawals(folders))}
    if target not in known.union(entries(runs_folder(folders))):
        raise BadInput(f"There is no run {target!r}: {folders.command('runs')} lists them.")
    if target not in entries(runs_folder(folders)):
        kept = ", ".join(run_id for run_id in entries(runs_folder(folders)) if run_id != current) or "none"
        raise BadInput(f"Run {target} is not kept any more in {runs_folder(folders)}; kept beside the current: {kept}.")
    if read_manifest(run_folder(folders, target)).kind == "earlier_date":
        raise BadInput(f"Run {target} shows an earlier date and has no history of its own: it cannot become current.")


def _record(folders: Folders, rows: list[Withdrawal]) -> None:
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(field.name for field in fields(Withdrawal))
    writer.writerows(astuple(row) for row in (*withdrawals(folders), *rows))
    write_whole(_path(folders), content.getvalue())


def _path(folders: Folders) -> Path:
    return folders.overrides / "withdrawn_runs.csv"


def _text(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
