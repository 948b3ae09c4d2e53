"""``published/current``: the one symlink whose replacement is the commit of a whole run."""

import os
import re
from pathlib import Path

from orchestration.errors import BadInput
from orchestration.files import sync
from orchestration.folders import Folders

RUN_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")


def checked_run_id(run_id: str) -> str:
    """The run id itself, if it can be the name of a folder; BadInput otherwise."""
    if not RUN_ID.fullmatch(run_id):
        raise BadInput(f"{run_id!r} is no run id: expected letters, digits, '.', '_' and '-' only.")
    return run_id


def runs_folder(folders: Folders) -> Path:
    """Where published runs lie, one folder each."""
    return folders.published / "runs"


def run_folder(folders: Folders, run_id: str) -> Path:
    """The folder of one published run."""
    return runs_folder(folders) / checked_run_id(run_id)


def current_run(folders: Folders) -> str | None:
    """The run that readers see, or None before the first; BadInput when the link leads nowhere."""
    link = folders.published / "current"
    if not link.is_symlink():
        if link.exists():
            raise BadInput(f"{link} is no symlink: move it away, then `ln -s runs/<run> current` in {link.parent}.")
        return None
    target = link.readlink()
    if target.parent != Path("runs") or not run_folder(folders, target.name).is_dir():
        raise BadInput(
            f"{link} leads to {target}, which is no run of {runs_folder(folders)}: restore that folder, "
            f"or point the link to a run that is there (`ln -sfn runs/<run> current` in {link.parent})."
        )
    return target.name


def flip(folders: Folders, run_id: str) -> None:
    """Makes ``run_id`` the current run, in one atomic step; BadInput when there is no such run."""
    if not (run_folder(folders, run_id) / "marts.duckdb").is_file():
        raise BadInput(
            f"There is no run {run_id} in {runs_folder(folders)}; {folders.command('runs')} lists those that are kept."
        )
    link = folders.published / "current"
    if link.exists() and not link.is_symlink():
        current_run(folders)
    temporary = folders.published / f".current.{os.getpid()}.tmp"
    temporary.unlink(missing_ok=True)
    # Relative, so that the folder can be moved or mounted elsewhere.
    temporary.symlink_to(Path("runs") / run_id)
    temporary.replace(link)
    sync(folders.published)
