"""What one run hands to the next, as Parquet in ``state/<run>/``: customer ids, merge events, gate results.

The state in force is the chain of runs from ``published/current`` back through their parents. A run that was
never flipped to, or was rolled back, is not in the chain, and so leaves no trace, but for the numbers of customers that
a published run gave: readers saw them, and they are never given again.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.errors import BadInput, LiucunError
from orchestration.files import (
    entries,
    remove_leftovers,
    remove_tree,
    sync,
    write_json,
)
from orchestration.folders import Folders
from orchestration.publish.pointer import checked_run_id, current_run, runs_folder
from orchestration.sql import identifier, literal

RUN_NUMBER = "_run_number"


@dataclass(frozen=True)
class StateRun:
    """One link of the chain; ``number`` is its position, 1 for a run without a parent."""

    run_id: str
    parent: str | None
    as_of_date: date
    number: int


def chain(folders: Folders) -> tuple[StateRun, ...]:
    """The runs whose state is in force, oldest first; empty before the first run.

    BadInput when a link is missing, or when there is state and nothing is current.
    """
    current = current_run(folders)
    if current is not None:
        return chain_of(folders, current)
    # One first run may have been killed before its flip; a second run proves that something was current once.
    if any(_read(folders, run_id).number > 1 for run_id in entries(folders.state)):
        raise BadInput(
            f"{folders.published / 'current'} is missing, but {folders.state} holds history: restore "
            "published/ or its link (`ln -s runs/<run> current`), or remove the state too to begin anew."
        )
    return ()


def chain_of(folders: Folders, run_id: str) -> tuple[StateRun, ...]:
    """The runs that ``run_id`` stands on, oldest first, itself last; BadInput when a link is missing."""
    links: list[StateRun] = []
    next_id: str | None = run_id
    while next_id is not None:
        links.append(_read(folders, next_id))
        if len(links) > 1 and links[-1].number != links[-2].number - 1:
            raise BadInput(f"{folders.state}: run {links[-2].run_id} does not follow its parent {next_id} in number.")
        next_id = links[-1].parent
    return tuple(reversed(links))


def ancestors(folders: Folders, run_id: str) -> tuple[str, ...]:
    """``run_id`` and the runs it stands on, newest first, as far as their links can be read.

    For what must go on beside a broken chain; what is built on the state asks ``chain``.
    """
    found: list[str] = []
    next_id: str | None = run_id
    while next_id is not None and next_id not in found:
        found.append(next_id)
        try:
            next_id = _read(folders, next_id).parent
        except BadInput:
            break
    return tuple(found)


def write_state(folders: Folders, run: StateRun, tables: Mapping[str, pa.Table]) -> None:
    """Writes the state of ``run`` in one atomic step; without any table it still is a link of the chain."""
    target = folders.state / checked_run_id(run.run_id)
    if target.exists():
        raise LiucunError(f"{target} exists already: a run id is used once.")
    temporary = folders.state / f".tmp-{run.run_id}"
    remove_tree(temporary)
    temporary.mkdir(parents=True)
    for name, table in tables.items():
        numbers = pa.repeat(pa.scalar(run.number, pa.int32()), table.num_rows)
        path = temporary / f"{name}.parquet"
        pq.write_table(table.append_column(RUN_NUMBER, numbers), path, compression="zstd")
        sync(path)
    content = {
        "run_id": run.run_id,
        "parent": run.parent,
        "as_of_date": run.as_of_date.isoformat(),
        "number": run.number,
    }
    write_json(temporary / "manifest.json", content)
    temporary.rename(target)
    sync(folders.state)


def register_state(
    connection: duckdb.DuckDBPyConnection,
    folders: Folders,
    runs: Sequence[StateRun],
    contracts: Mapping[str, Mapping[str, str]],
) -> None:
    """Makes one view per contract in the schema ``state``: the columns, then ``_run_number`` INTEGER.

    ``contracts``: table → column → DuckDB type. A column that an older run did not write is NULL; a table
    that no run wrote is an empty view.
    """
    run_ids = [run.run_id for run in runs]
    for name, columns in contracts.items():
        _register(connection, name, folders, run_ids, name, columns)


def register_aside(
    connection: duckdb.DuckDBPyConnection,
    folders: Folders,
    runs: Sequence[StateRun],
    contracts: Mapping[str, Mapping[str, str]],
) -> None:
    """Makes one view ``<table>_aside`` per contract, as ``register_state`` does, of the other runs whose state is kept.

    They were rolled back, or are later than ``runs``.
    """
    run_ids = sorted({*entries(folders.state)} - {run.run_id for run in runs})
    for name, columns in contracts.items():
        _register(connection, f"{name}_aside", folders, run_ids, name, columns)


def sweep_state(folders: Folders, withdrawn: Iterable[str] = ()) -> tuple[str, ...]:
    """Removes the state that no kept run stands on, and what a killed run left; returns the names.

    Kept are the chain in force and whatever the runs in published/runs stand on, so that a roll back to one
    of them finds its state; and for good that of runs ``withdrawn`` from readers, for the numbers that they gave.
    """
    kept = {run.run_id for run in chain(folders)} | set(withdrawn)
    for run_id in entries(runs_folder(folders)):
        kept.update(ancestors(folders, run_id))
    removed = list(remove_leftovers(folders.state, ".tmp-*"))
    for run_id in entries(folders.state):
        if run_id not in kept:
            remove_tree(folders.state / run_id)
            removed.append(run_id)
    return tuple(removed)


def _read(folders: Folders, run_id: str) -> StateRun:
    path = folders.state / checked_run_id(run_id) / "manifest.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["run_id"] != run_id:
            raise ValueError("another run's manifest")
        return StateRun(run_id, content["parent"], date.fromisoformat(content["as_of_date"]), int(content["number"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"{path} cannot be read ({type(error).__name__}), so the history of later runs is broken: "
            "restore it from a backup, or roll back to a run before the gap "
            f"({folders.command('rollback RUN --because …')})."
        ) from None


def _register(
    connection: duckdb.DuckDBPyConnection,
    view: str,
    folders: Folders,
    run_ids: Iterable[str],
    name: str,
    columns: Mapping[str, str],
) -> None:
    typed = {**columns, RUN_NUMBER: "INTEGER"}
    paths = [folders.state / run_id / f"{name}.parquet" for run_id in run_ids]
    files = [path for path in paths if path.is_file()]
    body = _union(files, typed) if files else _empty(typed)
    connection.execute("create schema if not exists state")
    connection.execute(f"create or replace view state.{identifier(view)} as {body}")


def _union(files: Sequence[Path], columns: Mapping[str, str]) -> str:
    paths = ", ".join(literal(str(path)) for path in files)
    # A schema given by name: else the first file would decide the columns for all.
    schema = ", ".join(
        f"{literal(name)}: {{'name': {literal(name)}, 'type': {literal(data_type)}, 'default_value': NULL}}"
        for name, data_type in columns.items()
    )
    names = ", ".join(identifier(name) for name in columns)
    return f"select {names} from read_parquet([{paths}], schema = MAP {{{schema}}})"


def _empty(columns: Mapping[str, str]) -> str:
    return "select " + ", ".join(f"cast(null as {t}) as {identifier(n)}" for n, t in columns.items()) + " where false"
