"""The files of an object's raw rows, and how they are read: years of small daily loads as one file.

To open a file costs more than to read its few rows. The copies lie in ``private/`` and may be deleted at any time; raw
stays the only record. A copy is used while all of its loads are in force and their files are as they were, and is
written anew once enough small loads stand beside it; a run for an earlier date writes its own in its place.
"""

import contextlib
import hashlib
from collections.abc import Sequence
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict, ValidationError

from orchestration.errors import LiucunError
from orchestration.files import remove, sync, write_whole
from orchestration.folders import Folders
from orchestration.ingest.contract import LINEAGE_COLUMNS, SourceObject
from orchestration.ingest.ledger import Accepted
from orchestration.sql import file_literal, literal

SMALL_ROWS = 10_000
"""A load of at most so many rows is small; larger ones are read where they are."""
ENOUGH = 64
"""So many small loads that could be in the copy, and it is written anew: every other month for a daily extract."""
RECENT = 7
"""The newest loads stay out of it: they are those that are corrected or sent again."""


def raw_columns(spec: SourceObject) -> dict[str, str]:
    """DuckDB types of all raw columns of an object, in order."""
    return {**spec.raw_types(), **LINEAGE_COLUMNS}


def scan_of(files: Sequence[Path], spec: SourceObject) -> str:
    """A ``read_parquet`` call with the contract as schema: a file that lacks a column gives NULL in it."""
    paths = ", ".join(file_literal(path) for path in files)
    columns = ", ".join(
        f"{literal(name)}: {{'name': {literal(name)}, 'type': {literal(kind)}, 'default_value': NULL}}"
        for name, kind in raw_columns(spec).items()
    )
    return f"read_parquet([{paths}], schema = MAP {{{columns}}})"


def files_of(
    connection: duckdb.DuckDBPyConnection, folders: Folders, spec: SourceObject, loads: Sequence[Accepted]
) -> list[Path]:
    """The files that hold the rows of ``loads``, all of one object: small loads in one copy, where there are many."""
    few = [load for load in loads if load.manifest.loaded_count <= SMALL_ROWS]
    if len(few) < ENOUGH + RECENT:
        return [load.data for load in loads]
    small = {_name(load): load for load in few}
    settled = list(small)[: len(small) - RECENT]
    folder = folders.private.joinpath("raw", *loads[0].key)
    copy = _read(folder)
    if copy is None or copy.columns != raw_columns(spec) or not small.keys() >= set(copy.loads):
        copy = _Copy(columns=raw_columns(spec))
    if len(settled) - len(copy.loads) >= ENOUGH:
        copy = _Copy(columns=raw_columns(spec), loads=tuple(settled))
        _write(connection, folder, copy, scan_of([small[name].data for name in settled], spec))
    copied = {small[name].load_id for name in copy.loads}
    beside = [load.data for load in loads if load.load_id not in copied]
    return [folder / copy.file, *beside] if copied else beside


class _Copy(BaseModel):
    """What lies beside a copy: the contract's columns, and the loads as they were, by date."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[str, str]
    loads: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Its rows. Each copy has its own name: a view of loads beside an earlier copy fails and shows none twice."""
        return f"{hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]}.parquet"


def _name(load: Accepted) -> str:
    """A load and its file: rewritten or put back from elsewhere it is another."""
    try:
        file = load.data.stat()
    except OSError:
        raise LiucunError(
            f"{load.data}: is missing; the ledger is damaged, restore this folder from a backup"
        ) from None
    return f"{load.load_id} {file.st_size} {file.st_mtime_ns}"


def _read(folder: Path) -> _Copy | None:
    """The copy in ``folder``, None where there is none that is whole."""
    with contextlib.suppress(OSError, ValidationError):
        copy = _Copy.model_validate_json((folder / "copy.json").read_bytes())
        return copy if (folder / copy.file).is_file() else None
    return None


def _write(connection: duckdb.DuckDBPyConnection, folder: Path, copy: _Copy, scan: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path, beside = folder / copy.file, folder / ".new"
    connection.execute(f"copy (select * from {scan}) to {literal(str(beside))} (format parquet, compression zstd)")
    sync(beside)
    beside.replace(path)
    write_whole(folder / "copy.json", copy.model_dump_json() + "\n")
    for earlier in folder.glob("*.parquet"):
        if earlier != path:
            remove(earlier)
