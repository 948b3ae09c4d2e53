"""From a landing load to ``incoming/<load_id>/``: rows as Parquet, rejects with their text, a manifest."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.erasure.rules import Rules, select_without
from orchestration.erasure.tombstones import Erased
from orchestration.errors import BadInput, LiucunError
from orchestration.files import remove
from orchestration.ingest.contract import SourceObject
from orchestration.ingest.decode import Unreadable
from orchestration.ingest.keys import BLANKS, is_nothing, trimmed
from orchestration.ingest.landing import LandingFile, LandingLoad, is_unchanged
from orchestration.ingest.manifest import AcceptDecision, FileEntry, Manifest
from orchestration.ingest.readers.csv_file import read_csv
from orchestration.ingest.readers.jsonl import read_jsonl
from orchestration.ingest.readers.parquet import read_parquet
from orchestration.ingest.readers.stage import Reject, Stage, one
from orchestration.ingest.readers.xlsx import read_xlsx
from orchestration.sql import identifier, literal, parquet_scan

SPACE_FACTOR = 2
_REJECTS = pa.schema(
    [
        ("file", pa.string()),
        ("row", pa.int64()),
        ("column", pa.string()),
        ("reason", pa.string()),
        ("text", pa.string()),
    ]
)


@dataclass(frozen=True)
class Received:
    """A load in ``incoming/``, not yet trusted. With ``refusals`` it could not be read and has no data.

    ``erased_keys``: customer records that were left out because an identifier told that their person was erased.
    """

    load: LandingLoad
    object: SourceObject
    manifest: Manifest
    folder: Path
    refusals: tuple[str, ...] = ()
    erased_keys: frozenset[str] = frozenset()

    @property
    def load_id(self) -> str:
        """The load's identity."""
        return self.load.load_id

    @property
    def data(self) -> Path:
        """The rows, as they will stand in raw."""
        return self.folder / "data.parquet"

    @property
    def is_readable(self) -> bool:
        """Whether there is something for a gate to judge."""
        return not self.refusals


def free_bytes(folder: Path) -> int:
    """Free space on the disk of ``folder``."""
    return shutil.disk_usage(folder).free


def receive(
    load: LandingLoad,
    spec: SourceObject,
    incoming: Path,
    *,
    accept_because: str | None = None,
    free: Callable[[Path], int] = free_bytes,
    engine: duckdb.DuckDBPyConnection | None = None,
    erased: Erased | None = None,
) -> Received:
    """Read all files of ``load`` into ``incoming/<load_id>/{data.parquet, rejects.parquet, manifest.json}``.

    What cannot be read comes back as ``refusals``, one line per file, so that all bad loads are told
    together. ``accept_because`` (a person's decision) lets a missing required column pass, not a missing key.
    Rows of people who were ``erased`` are left out, or come in without the person.
    ``engine``, from ``open_engine``, serves many loads; without it this one starts its own.
    Raises LiucunError when the disk is too full, BadInput when a file changes while it is read.
    """
    incoming.mkdir(parents=True, exist_ok=True)
    _check_space(load.bytes * SPACE_FACTOR, incoming, free)
    folder, work = incoming / load.load_id, incoming / f".{load.load_id}.work"
    remove(folder)
    remove(work)
    folder.mkdir()
    work.mkdir()
    try:
        # What a load leaves in a connection of its own (temporary tables, settings) goes with it.
        with contextlib.ExitStack() as stack:
            started = engine or stack.enter_context(open_engine(incoming))
            connection = stack.enter_context(started.cursor())
            connection.execute("set timezone = 'UTC'")
            return _Receiver(connection, load, spec, folder, work, accept_because, free, erased).run()
    finally:
        remove(work)


@contextlib.contextmanager
def open_engine(incoming: Path, threads: int | None = None, engines: int = 1) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB for converting loads: starting one costs as much as a small load. It spills into ``incoming``.

    ``engines``: how many work beside each other; together they take four fifths of the machine's memory at most.
    """
    spill = incoming / f".spill-{os.getpid()}"
    with duckdb.connect() as connection:
        connection.execute(f"set temp_directory = {literal(str(spill))}")
        connection.execute(f"set memory_limit = '{80 // engines}%'")
        connection.execute("set autoinstall_known_extensions = false")
        if threads:
            connection.execute(f"set threads = {int(threads)}")
        try:
            yield connection
        finally:
            remove(spill)


def _check_space(needed: int, folder: Path, free: Callable[[Path], int]) -> None:
    if (available := free(folder)) < needed:
        raise LiucunError(
            f"{folder}: {needed:,} bytes of free space are needed to receive the load, {available:,} are there; "
            "make room and run again"
        )


@dataclass
class _Receiver:
    connection: duckdb.DuckDBPyConnection
    load: LandingLoad
    spec: SourceObject
    folder: Path
    work: Path
    accept_because: str | None
    free: Callable[[Path], int]
    erased: Erased | None = None
    erased_counts: dict[str, int] = field(default_factory=dict)
    erased_keys: set[str] = field(default_factory=set)

    def run(self) -> Received:
        self.connection.execute(
            'create temp table rejects (file varchar, "row" bigint, "column" varchar, reason varchar, text varchar)'
        )
        stages: list[tuple[LandingFile, Stage]] = []
        refusals: list[str] = []
        for number, file in enumerate(self.load.files):
            try:
                stages.append((file, self._stage(file, number)))
            except OSError as problem:
                if str(problem.filename) != str(file.path):
                    raise
                if is_unchanged(file):
                    raise BadInput(f"{file.path}: cannot be read ({problem.strerror}); mend its permissions") from None
            except Unreadable as problem:
                refusals.append(
                    f"{self.load.source}/{self.load.object} of {self.load.load_date}: {file.name} {problem}"
                )
            if not is_unchanged(file):
                raise BadInput(f"{file.path}: changed while it was read; run again when it is complete")
        entries: tuple[FileEntry, ...] = ()
        key_duplicates = 0
        if not refusals:
            try:
                entries, key_duplicates = self._write(stages)
            except Unreadable as problem:
                refusals.append(str(problem))
                remove(self.folder / "data.parquet")
        self.connection.execute(
            f'copy (select * from rejects order by file, "row") to {literal(str(self.folder / "rejects.parquet"))} '
            "(format parquet, compression zstd)"
        )
        manifest = self._manifest([stage for _, stage in stages], entries, key_duplicates)
        manifest.write(self.folder)
        return Received(self.load, self.spec, manifest, self.folder, tuple(refusals), frozenset(self.erased_keys))

    def _label(self) -> str:
        return f"{self.load.source}/{self.load.object} of {self.load.load_date}"

    def _stage(self, file: LandingFile, number: int) -> Stage:
        work = self.work / str(number)
        work.mkdir()
        tolerate = self.accept_because is not None

        def progress(written: int) -> None:
            # A compressed file grows beyond what was asked of the disk at the start.
            if written > file.bytes * SPACE_FACTOR:
                _check_space(written, self.work, self.free)

        match self.spec.format:
            case "csv":
                stage = read_csv(
                    self.connection, file.path, self.spec, work, tolerate_missing=tolerate, progress=progress
                )
            case "jsonl":
                stage = read_jsonl(file.path, self.spec, work, tolerate_missing=tolerate, progress=progress)
            case "xlsx":
                stage = read_xlsx(file.path, self.spec, work, tolerate_missing=tolerate)
            case "parquet":
                stage = read_parquet(self.connection, file.path, self.spec, work, tolerate_missing=tolerate)
        stage = self._without_erased(stage, file.name)
        self._keep(stage.rejects, file.name)
        self._reject_empty_keys(stage, file.name)
        return stage

    def _without_erased(self, stage: Stage, file_name: str) -> Stage:
        if self.erased is None:
            return stage
        rules = Rules(self.load.source, self.spec, self.erased)
        rejects = tuple(
            replace(r, text="") if rules.personal and self.erased.speaks_in(rules.source, r.text) else r
            for r in stage.rejects
        )
        relation = f"({stage.select})"
        columns = {name: name for name in self.spec.columns}
        query = self.connection.execute
        selection = select_without(rules, relation, columns, ["_extra"], lambda sql: query(sql).fetchall())
        if selection is None:
            return replace(stage, rejects=rejects)
        self.erased_counts[file_name] = one(self.connection, f"select count(*) from {relation} where {selection.drop}")
        self.erased_keys |= rules.told
        return replace(stage, rejects=rejects, select=selection.of(relation))

    def _keep(self, rejects: tuple[Reject, ...], file_name: str) -> None:
        if rejects:
            columns = zip(*((file_name, r.row, r.column, r.reason, r.text) for r in rejects), strict=True)
            arrays = [pa.array(values, kind) for values, kind in zip(columns, _REJECTS.types, strict=True)]
            self.connection.register("new_rejects", pa.Table.from_arrays(arrays, schema=_REJECTS))
            self.connection.execute("insert into rejects from new_rejects")
            self.connection.unregister("new_rejects")

    def _reject_empty_keys(self, stage: Stage, file_name: str) -> None:
        which = " ".join(f"when {self._is_empty(key)} then {literal(key)}" for key in self._needed_keys())
        columns = ", ".join(f"{literal(name)}, {identifier(name)}" for name in self.spec.columns)
        whole = f"json_object({columns}, '_extra', _extra::json)"
        text = f"case when _extra is null then json_object({columns}) else {whole} end"
        self.connection.execute(
            f"insert into rejects select {literal(file_name)}, _row, case {which} end, 'key is empty', "
            f"({text})::varchar from ({stage.select}) where {self._any_key_is_empty()}"
        )

    def _needed_keys(self) -> list[str]:
        """Parts of the key that a row cannot do without: the required ones, else all of them."""
        keys = self.spec.primary_key
        return [key for key in keys if self.spec.columns[key].required] or keys

    def _any_key_is_empty(self) -> str:
        return "(" + " or ".join(self._is_empty(key) for key in self._needed_keys()) + ")"

    def _is_empty(self, key: str) -> str:
        return is_nothing(key, self.spec.raw_types()[key])

    def _write(self, stages: list[tuple[LandingFile, Stage]]) -> tuple[tuple[FileEntry, ...], int]:
        """Write data.parquet in the order of files and rows; the files' counts, and rows beyond a key's first."""
        data = self.folder / "data.parquet"
        selects = " union all ".join(self._rows_of(stage, file) for file, stage in stages)
        self.connection.execute(f"copy ({selects}) to {literal(str(data))} (format parquet, compression zstd)")
        keys = ", ".join(identifier(key) for key in self.spec.primary_key)
        counts = self.connection.execute(
            f"with rows as not materialized (select _file, {keys} from {parquet_scan(data)}) "
            f"select _file, count(*), (select count(*) from (select distinct {keys} from rows)) from rows group by all"
        ).fetchall()
        loaded = {name: count for name, count, _ in counts}
        duplicates = sum(loaded.values()) - (counts[0][2] if counts else 0)
        rejected = dict(self.connection.execute("select file, count(*) from rejects group by all").fetchall())
        entries = tuple(
            FileEntry(
                name=file.name,
                sha256=file.sha256,
                bytes=file.bytes,
                encoding=stage.encoding,
                received_count=stage.received_count,
                loaded_count=loaded.get(file.name, 0),
                rejected_count=rejected.get(file.name, 0),
                erased_count=self.erased_counts.get(file.name, 0),
            )
            for file, stage in stages
        )
        for entry in entries:
            if entry.received_count != entry.loaded_count + entry.rejected_count + entry.erased_count:
                raise Unreadable(
                    f"{self._label()}: {entry.name} has {entry.received_count:,} records by count, but "
                    f"{entry.loaded_count:,} were loaded and {entry.rejected_count:,} rejected"
                )
        return entries, duplicates

    def _rows_of(self, stage: Stage, file: LandingFile) -> str:
        load = self.load
        columns = ", ".join(self._cell(name) for name in self.spec.columns)
        return (
            f"select {columns}, {literal(load.source)} as _source, {literal(load.object)} as _object, "
            f"{literal(load.load_id)} as _load_id, date '{load.load_date}' as _load_date, "
            f"{literal(file.name)} as _file, _row, {self._op()} as _op, _extra "
            f"from ({stage.select}) where not {self._any_key_is_empty()}"
        )

    def _cell(self, name: str) -> str:
        """A column as it stands; keys and references without blanks around them, or equals would not meet."""
        is_key = name in self.spec.primary_key or name in self.spec.references
        if is_key and self.spec.raw_types()[name] == "VARCHAR":
            return f"{trimmed(name)} as {identifier(name)}"
        return identifier(name)

    def _op(self) -> str:
        if self.spec.deleted is None:
            return "'upsert'"
        values = ", ".join(literal(value.strip().lower()) for value in self.spec.deleted.values)
        column = f"lower(trim({identifier(self.spec.deleted.column)}::varchar, {BLANKS}))"
        return f"case when {column} in ({values}) then 'delete' else 'upsert' end"

    def _manifest(self, stages: list[Stage], entries: tuple[FileEntry, ...], key_duplicates: int) -> Manifest:
        load = self.load
        present = {column for stage in stages for column in stage.columns_present}
        return Manifest(
            load_id=load.load_id,
            source=load.source,
            object=load.object,
            mode=self.spec.mode,
            load_date=load.load_date,
            files=entries or tuple(FileEntry(name=f.name, sha256=f.sha256, bytes=f.bytes) for f in load.files),
            received_count=sum(entry.received_count for entry in entries),
            loaded_count=sum(entry.loaded_count for entry in entries),
            rejected_count=sum(entry.rejected_count for entry in entries),
            erased_count=sum(entry.erased_count for entry in entries),
            key_duplicate_count=key_duplicates,
            columns_present=tuple(name for name in self.spec.columns if name in present),
            unknown_columns=tuple(dict.fromkeys(name for stage in stages for name in stage.unknown_columns)),
            notes=tuple(dict.fromkeys(note for stage in stages for note in stage.notes)),
            decision=AcceptDecision(because=self.accept_because) if self.accept_because is not None else None,
        )
