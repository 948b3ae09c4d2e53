"""Old landing files whose content stands in raw may go."""

from datetime import date
from pathlib import Path

from orchestration.ingest.landing import LandingLoad, LandingScan, is_unchanged
from orchestration.ingest.ledger import Ledger


def prune(ledger: Ledger, scan: LandingScan, older_than_days: int, today: date) -> list[Path]:
    """Remove landing files whose load date is more than ``older_than_days`` before ``today`` and that raw holds.

    Returns what was removed. Folders that this leaves empty go too. Loads that were refused, discarded before
    they were accepted, or are new, stay.
    """
    in_raw = {load.load_id for load in ledger.accepted()}
    removed: list[Path] = []
    for load in scan.loads:
        is_old = (today - load.load_date).days > older_than_days
        if not is_old or not (load.load_id in in_raw or ledger.status(load) == "subset"):
            continue
        removed += _remove_files(load)
    for folder in sorted({path.parent for path in removed}):
        if folder.name.startswith("load_date=") and not any(folder.iterdir()):
            folder.rmdir()
    return removed


def _remove_files(load: LandingLoad) -> list[Path]:
    removed = []
    for file in load.files:
        if is_unchanged(file):
            file.path.unlink()
            removed.append(file.path)
    return removed
