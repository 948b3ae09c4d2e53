"""What a published run says about itself: ``manifest.json`` beside its files."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from orchestration.errors import BadInput
from orchestration.files import write_json
from orchestration.folders import Folders
from orchestration.publish.checksums import TableChecksum
from orchestration.publish.pointer import checked_run_id, current_run, run_folder

Kind = Literal["daily", "earlier_date"]
"""``daily`` runs are made to become current; ``earlier_date`` runs show a past day and never do."""


@dataclass(frozen=True)
class Manifest:
    """A run's inputs and results. ``created_at`` (aware) orders runs; nothing in the marts depends on it.

    ``loads`` hold at least ``load_id`` each; ``gates`` and ``steps`` are shown as they come.
    """

    run_id: str
    parent: str | None
    kind: Kind
    as_of_date: date
    known_on: date
    created_at: datetime
    versions: Mapping[str, str]
    loads: tuple[Mapping[str, Any], ...]
    tables: Mapping[str, TableChecksum]
    gates: tuple[Mapping[str, Any], ...] = field(default=())
    steps: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def load_set(self) -> str:
        """Names the loads that the run used; see ``load_set``."""
        return load_set(load["load_id"] for load in self.loads)


def load_set(load_ids: Iterable[str]) -> str:
    """16 hex digits that name a set of loads, whatever their order."""
    return hashlib.sha256("\n".join(sorted(set(load_ids))).encode()).hexdigest()[:16]


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """Writes ``directory/manifest.json`` atomically."""
    checked_run_id(manifest.run_id)
    if manifest.kind not in get_args(Kind) or manifest.created_at.tzinfo is None:
        raise ValueError("a manifest needs kind daily or earlier_date, and created_at with a time zone")
    content = {
        "run_id": manifest.run_id,
        "parent": manifest.parent,
        "kind": manifest.kind,
        "as_of_date": manifest.as_of_date.isoformat(),
        "known_on": manifest.known_on.isoformat(),
        "created_at": manifest.created_at.isoformat(),
        "load_set": manifest.load_set,
        "versions": dict(manifest.versions),
        "loads": [dict(load) for load in manifest.loads],
        "tables": {name: dict(table) for name, table in manifest.tables.items()},
        "gates": [dict(gate) for gate in manifest.gates],
        "steps": [dict(step) for step in manifest.steps],
    }
    write_json(directory / "manifest.json", content)


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a run's folder; BadInput when it cannot be read."""
    path = directory / "manifest.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Manifest(
            run_id=content["run_id"],
            parent=content["parent"],
            kind=content["kind"],
            as_of_date=date.fromisoformat(content["as_of_date"]),
            known_on=date.fromisoformat(content["known_on"]),
            created_at=datetime.fromisoformat(content["created_at"]),
            versions=content["versions"],
            loads=tuple(content["loads"]),
            tables=content["tables"],
            gates=tuple(content["gates"]),
            steps=tuple(content["steps"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"{path} cannot be read ({type(error).__name__}); expected the manifest of a published run. "
            "Restore the folder from a backup, or move it out of published/runs."
        ) from None


def current_manifest(folders: Folders) -> Manifest | None:
    """The manifest of the run that readers see, None before the first."""
    run_id = current_run(folders)
    return read_manifest(run_folder(folders, run_id)) if run_id else None
