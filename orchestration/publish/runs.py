"""The published runs as folders: staging, acceptance, which are kept, and what a killed run left behind."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from orchestration.errors import BadInput, LiucunError
from orchestration.files import entries, remove_leftovers, remove_tree, seal, sync
from orchestration.folders import Folders
from orchestration.publish.manifest import Manifest, read_manifest
from orchestration.publish.pointer import current_run, run_folder, runs_folder
from orchestration.publish.state import ancestors, chain, sweep_state
from orchestration.publish.withdrawals import withdrawals

Standing = Literal["current", "earlier", "withdrawn", "earlier_date", "unfinished"]


@dataclass(frozen=True)
class PublishedRun:
    """A run in published/runs.

    ``standing``: current; earlier (the current one stands on it); withdrawn (rolled back); earlier_date
    (shows a past day); unfinished (killed before its flip, the next ``sweep`` removes it).
    """

    manifest: Manifest
    standing: Standing

    @property
    def run_id(self) -> str:
        """The name of its folder."""
        return self.manifest.run_id


def staging_directory(folders: Folders, run_id: str) -> Path:
    """An empty folder beside the runs, in which the candidate of ``run_id`` is built."""
    staging = run_folder(folders, run_id).with_name(f".tmp-{run_id}")
    remove_tree(staging)
    staging.mkdir(parents=True)
    return staging


def publish(folders: Folders, staging: Path, run_id: str) -> Path:
    """Seals a verified candidate and renames it to its place; readers do not see it before ``flip``."""
    target = run_folder(folders, run_id)
    if target.exists():
        raise LiucunError(f"{target} exists already: a run id is used once.")
    if read_manifest(staging).run_id != run_id or not (staging / "marts.duckdb").is_file():
        raise LiucunError(f"{staging} is not the finished candidate of run {run_id}.")
    seal(staging)
    staging.rename(target)
    sync(target.parent)
    return target


def list_runs(folders: Folders) -> tuple[PublishedRun, ...]:
    """The kept runs, newest first."""
    current = current_run(folders)
    reachable = ancestors(folders, current) if current else ()
    withdrawn = {row.run_id for row in withdrawals(folders)}

    def standing(manifest: Manifest) -> Standing:
        if manifest.run_id == current:
            return "current"
        if manifest.run_id in reachable:
            return "earlier"
        if manifest.kind == "earlier_date":
            return "earlier_date"
        return "withdrawn" if manifest.run_id in withdrawn else "unfinished"

    manifests = [read_manifest(run_folder(folders, run_id)) for run_id in entries(runs_folder(folders))]
    newest_first = sorted(manifests, key=lambda m: (m.created_at, m.run_id), reverse=True)
    return tuple(PublishedRun(manifest, standing(manifest)) for manifest in newest_first)


def prune(folders: Folders, keep: int = 7) -> tuple[str, ...]:
    """Removes all but the newest ``keep`` daily runs, and all but the newest ``keep`` of earlier dates.

    Never the current run nor its parent, to which a roll back goes. The two kinds are counted apart, so that
    looking at many past days does not cost the way back. Returns the removed run ids.
    """
    if keep < 1:
        raise BadInput(f"{keep} published runs cannot be kept: expected 1 or more.")
    runs = list_runs(folders)
    by_kind = [[r for r in runs if (r.standing == "earlier_date") is past] for past in (False, True)]
    safe = {run.run_id for kind in by_kind for run in kind[:keep]} | {link.run_id for link in chain(folders)[-2:]}
    removed = tuple(run.run_id for run in runs if run.run_id not in safe)
    for run_id in removed:
        remove_tree(run_folder(folders, run_id))
    return removed


def sweep(folders: Folders) -> tuple[str, ...]:
    """Removes what killed runs left in published/ and state/; returns the names. Call it under the run lock.

    A run killed between rename and flip lies in runs/ complete, and nothing marks it but this: it was made to
    become current (kind daily), the current run does not stand on it, and nobody withdrew it. Rolled-back
    runs are on record, runs of earlier dates say so in their manifest; both stay.
    """
    chain(folders)  # a broken chain raises here, before its earlier runs are taken for unfinished ones
    removed = remove_leftovers(folders.published, ".*.tmp") + remove_leftovers(runs_folder(folders), ".tmp-*")
    unfinished = [run.run_id for run in list_runs(folders) if run.standing == "unfinished"]
    if current_run(folders) is None and len(unfinished) > 1:
        raise BadInput(
            f"{folders.published / 'current'} is missing, but {runs_folder(folders)} holds runs: point "
            "it to the one that was current (`ln -s runs/<run> current`), or remove them to begin anew."
        )
    for run_id in unfinished:
        remove_tree(run_folder(folders, run_id))
    withdrawn = {row.run_id for row in withdrawals(folders)}
    return removed + tuple(unfinished) + sweep_state(folders, withdrawn)
