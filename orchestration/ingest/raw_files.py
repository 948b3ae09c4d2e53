"""The files of an object's raw rows, and how they are read: years of small daily loads as one file.

To open a file costs more than to read its few rows. The copies lie in ``private/`` and may be deleted at any time; raw
stays the only record. A copy is used where all of its loads are still in force as they were copied, and written anew
once enough small loads stand beside it.
"""

import contextlib
import hashlib
from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict, ValidationError

from orchestration.files import remove, sync, write_whole
from orchestration.folders import Folders
from orchestration.ingest.contract import LINEAGE_COLUMNS, SourceObject
from orchestration.ingest.ledger import Accepted
from orchestration.sql import file_literal, literal

SMALL_ROWS = 10_000
"""A load of at most so many rows is small; larger ones are read where they are."""
ENOUGH = 64
"""So many small loads beside the copy, and it is written anew: every other month for a daily extract."""


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
    small = {_name(load): load for load in loads if load.manifest.loaded_count <= SMALL_ROWS}
    if len(small) < ENOUGH:
        return [load.data for load in loads]
    source, name = loads[0].key
    folder = folders.private / "raw" / source / name
    copy = _newest(folder, raw_columns(spec), small.keys())
    if len(small) - len(copy.loads) >= ENOUGH:
        copy = _Copy(columns=raw_columns(spec), loads=tuple(small))
        _write(connection, folder, scan_of([load.data for load in small.values()], spec), copy)
    copied = set(copy.loads)
    return [
        *([folder / copy.file] if copied else []),
        *(load.data for load in loads if _name(load) not in copied),
    ]


class _Copy(BaseModel):
    """What lies beside a copy: the contract's columns, and the loads as they were."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[str, str]
    loads: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Its rows. Another copy has another name: the views of a run that was killed never read it twice."""
        return f"{hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]}.parquet"


def _name(load: Accepted) -> str:
    """A load as it is now: erasing people from it makes another of it."""
    return f"{load.load_id} {load.manifest.redacted_from or ''}".strip()


def _newest(folder: Path, columns: dict[str, str], names: Collection[str]) -> _Copy:
    """The whole copy with most loads, all of them among ``names``; else one of no loads."""
    found = [_Copy(columns=columns)]
    for path in folder.glob("*.json"):
        with contextlib.suppress(OSError, ValidationError):
            copy = _Copy.model_validate_json(path.read_bytes())
            if copy.columns == columns and set(copy.loads) <= set(names) and (folder / copy.file).is_file():
                found.append(copy)
    return max(found, key=lambda copy: len(copy.loads))


def _write(connection: duckdb.DuckDBPyConnection, folder: Path, scan: str, copy: _Copy) -> None:
    remove(folder)
    folder.mkdir(parents=True)
    path = folder / copy.file
    connection.execute(f"copy (select * from {scan}) to {literal(str(path))} (format parquet, compression zstd)")
    sync(path)
    write_whole(path.with_suffix(".json"), copy.model_dump_json() + "\n")
