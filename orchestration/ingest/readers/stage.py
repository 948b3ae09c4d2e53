"""What every reader hands on, and the matching of a file's columns with the contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.ingest.contract import SourceObject, normalised_header
from orchestration.ingest.decode import Unreadable
from orchestration.sql import parquet_scan

ROWS_PER_BATCH = 50_000


@dataclass(frozen=True)
class Reject:
    """A record that could not be read: its number in the file (from 1), where and why, and its text."""

    row: int
    column: str | None
    reason: str
    text: str


@dataclass(frozen=True)
class Stage:
    """A file as rows. ``select`` gives the contract's columns in order, ``_row`` and ``_extra``, in file order."""

    select: str
    received_count: int
    loaded_count: int
    rejects: tuple[Reject, ...]
    columns_present: tuple[str, ...]
    unknown_columns: tuple[str, ...]
    notes: tuple[str, ...]
    encoding: str | None = None


@dataclass(frozen=True)
class Matched:
    """Positions in the file of the contract's columns, and of the others with the name they keep in ``_extra``."""

    position: dict[str, int]
    extra: dict[str, int]
    unknown: tuple[str, ...]
    notes: tuple[str, ...]


def match_header(header: Sequence[str], spec: SourceObject, *, tolerate_missing: bool) -> Matched:
    """Find the contract's columns by name; of two that mean the same the first counts.

    Raises Unreadable when a required column is missing. ``tolerate_missing`` lets all pass but the key.
    """
    known = spec.column_of_header()
    position: dict[str, int] = {}
    extra: dict[str, int] = {}
    unknown: list[str] = []
    notes: list[str] = []
    for index, name in enumerate(header):
        column = known.get(normalised_header(name))
        if column is not None and column not in position:
            position[column] = index
            continue
        shown = name.strip() or f"column {index + 1}"
        if column is not None:
            notes.append(f"column {index + 1} ({shown}) means {column} again; the first counts")
        elif name.strip():
            unknown.append(shown)
            notes.append(f"unknown column {shown}")
        while shown in extra or shown in position:
            shown = f"{shown} (column {index + 1})"
        extra[shown] = index
    check_required(position, spec, len(header), notes, tolerate_missing=tolerate_missing)
    return Matched(position, extra, tuple(dict.fromkeys(unknown)), tuple(notes))


def check_required(
    found: dict[str, int], spec: SourceObject, width: int, notes: list[str], *, tolerate_missing: bool
) -> None:
    """Raise Unreadable, or add a note when that is tolerated, for required columns not ``found``."""
    missing = [c for c in spec.must_have() if c not in found]
    if not missing:
        return
    if tolerate_missing and not set(missing) & set(spec.primary_key):
        notes.append(f"missing required column {', '.join(missing)}; accepted as it is")
        return
    names = ", ".join(_with_aliases(c, spec) for c in missing)
    if found:
        raise Unreadable(f"lacks the required column {names} (its header has {width} columns)")
    raise Unreadable(
        f"lacks the required column {names}; none of the {width} fields of its first line is a column of the "
        "contract: is the header line missing, or the delimiter another?"
    )


def _with_aliases(column: str, spec: SourceObject) -> str:
    aliases = spec.columns[column].headers
    return f"{column} (or {', '.join(aliases)})" if aliases else column


class StageFile:
    """Collects text rows of one file in a Parquet file, a batch at a time."""

    def __init__(self, path: Path, spec: SourceObject) -> None:
        self.path = path
        self.columns = list(spec.columns)
        fields = [(name, pa.string()) for name in self.columns]
        self._schema = pa.schema([*fields, ("_row", pa.int64()), ("_extra", pa.string())])
        self._writer = pq.ParquetWriter(path, self._schema, compression="lz4")
        self._batch: list[tuple[object, ...]] = []
        self.count = 0

    def add(self, values: Sequence[str | None], row: int, extra: str | None) -> None:
        """Append one row: values in contract order, its number, and its unknown columns as JSON."""
        self._batch.append((*values, row, extra))
        self.count += 1
        if len(self._batch) >= ROWS_PER_BATCH:
            self._flush()

    def close(self) -> None:
        """Write what is left."""
        self._flush()
        self._writer.close()

    def select(self) -> str:
        """The stage's SELECT over what was written."""
        return f"select * from {parquet_scan(self.path)}"

    def _flush(self) -> None:
        if self._batch:
            arrays = [
                pa.array(values, field.type)
                for values, field in zip(zip(*self._batch, strict=True), self._schema, strict=True)
            ]
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
            self._batch.clear()


def one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    """The single whole number that ``query`` gives."""
    row = connection.execute(query).fetchall()[0]
    return int(row[0])
