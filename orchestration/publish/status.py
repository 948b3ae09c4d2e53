"""``published/status.json``: how the last attempt ended, so that readers can see that figures are old."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from orchestration.files import write_json
from orchestration.folders import Folders
from orchestration.publish.manifest import current_manifest

Result = Literal["published", "refused", "failed", "withdrawn", "earlier_date"]


def write_status(
    folders: Folders,
    result: Result,
    reason: str,
    run_id: str | None,
    attempted_at: datetime,
    is_past: bool = False,
) -> dict[str, Any]:
    """Replaces status.json atomically after an attempt, and returns what it says.

    ``current`` is what readers see now ({run_id, as_of_date, known_on} or null). ``is_stale``: the last
    attempt to bring new figures ended without; looking at an earlier date (``is_past``), however it ends, changes
    nothing about that.
    """
    manifest = current_manifest(folders)
    before = read_status(folders)
    unchanged = before is not None and (is_past or result == "earlier_date")
    content: dict[str, Any] = {
        "result": result,
        "reason": reason,
        "run_id": run_id,
        "attempted_at": attempted_at.isoformat(timespec="seconds"),
        "is_stale": before.get("is_stale", True) if unchanged and before else result != "published",
        "current": manifest
        and {
            "run_id": manifest.run_id,
            "as_of_date": manifest.as_of_date.isoformat(),
            "known_on": manifest.known_on.isoformat(),
        },
    }
    write_json(_path(folders), content)
    return content


def read_status(folders: Folders) -> dict[str, Any] | None:
    """What status.json says; None when there is none, or nothing readable."""
    try:
        content = json.loads(_path(folders).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _path(folders: Folders) -> Path:
    return folders.published / "status.json"
