"""The manifest that lies beside each load and is the only record of it."""

from datetime import date, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from orchestration.files import write_whole


class FileEntry(BaseModel):
    """One file of a load: what it was and how many of its records were taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    sha256: str
    bytes: int
    encoding: str | None = None
    received_count: int = 0
    loaded_count: int = 0
    rejected_count: int = 0
    erased_count: int = 0


class AcceptDecision(BaseModel):
    """Why a load stands in raw although it was refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decision: Literal["accept"] = "accept"
    because: str


class Manifest(BaseModel):
    """What is known of one load. ``sequence`` numbers the arrivals of one object, from 1, given at acceptance.

    ``erased_count``: records of erased people, which are left out; ``redacted_from``: SHA-256 of the rows as they were
    accepted, before people were erased from them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    load_id: str
    source: str
    object: str
    mode: Literal["snapshot", "delta"]
    load_date: date
    sequence: int | None = None
    accepted_at: datetime | None = None
    files: tuple[FileEntry, ...]
    received_count: int = 0
    loaded_count: int = 0
    rejected_count: int = 0
    erased_count: int = 0
    key_duplicate_count: int = 0
    columns_present: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    decision: AcceptDecision | None = None
    redacted_from: str | None = None

    def write(self, folder: Path) -> None:
        """Write ``manifest.json`` into ``folder`` in one step."""
        write_whole(folder / "manifest.json", self.model_dump_json(indent=2) + "\n")


class RefusedManifest(Manifest):
    """A refused load; ``refused_after`` is the object's last sequence then, so that newer loads can be told."""

    reasons: tuple[str, ...]
    refused_at: datetime
    refused_after: int
