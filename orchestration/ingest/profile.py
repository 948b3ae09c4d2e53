"""Incoming loads as views that a gate can judge: their rows, and one row of facts per load."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.erasure.rules import ANONYMOUS
from orchestration.ingest.contract import Source
from orchestration.ingest.ledger import Accepted, Ledger
from orchestration.ingest.manifest import Manifest
from orchestration.ingest.raw_files import files_of, scan_of
from orchestration.ingest.receive import Received
from orchestration.sql import identifier, literal

INCOMING = "incoming"
"""The schema that the views lie in."""
HISTORY_LOADS = 7
"""A delta's row count is held against the median of this many loads before it …"""
WORTH_KEEPING = 30
"""A load of fewer rows may be replaced by anything."""
HISTORY_NEEDED = 3
"""… if there are at least so many."""
LARGE = 2_000_000
"""Rows of which a union is not copied."""
_TEXT, _COUNT, _RATE, _FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()
_FACTS = pa.schema(
    {
        **dict.fromkeys(("source", "object", "load_id"), _TEXT),
        **dict.fromkeys(("received_count", "loaded_count", "rejected_count"), _COUNT),
        "reject_rate": _RATE,
        "key_duplicate_count": _COUNT,
        "key_duplicate_rate": _RATE,
        **dict.fromkeys(("row_count", "row_count_min", "row_count_max"), _COUNT),
        **dict.fromkeys(("row_count_ratio", "ratio_min", "ratio_max"), _RATE),
        **dict.fromkeys(("is_below_band", "is_above_band"), _FLAG),
        "replaced_ratio": _RATE,
        **dict.fromkeys(("lag_days", "unknown_column_count", "lost_column_count"), _COUNT),
    }
)


@dataclass(frozen=True)
class Relations:
    """Names in the schema ``incoming``: the view of a load's rows, and the view of facts about it."""

    rows: str
    load: str


def register_incoming(
    connection: duckdb.DuckDBPyConnection,
    received: Sequence[Received],
    ledger: Ledger,
    sources: Iterable[Source],
    known_on: date,
) -> dict[str, Relations]:
    """Make ``incoming.rows_<load_id>`` and ``incoming.load_<load_id>`` for each readable load; replaces the schema.

    The facts of all lie in ``incoming.loads``.

    The rows have, per reference, ``_orphan_<column>``: no such key among incoming and accepted loads of the
    referenced object; NULL where there is no value, or nothing of that object was ever received.
    """
    readable = [r for r in received if r.is_readable]
    by_name = {source.source: source for source in sources}
    connection.execute("drop schema if exists incoming cascade")
    connection.execute("create schema incoming")
    _create_facts(connection, readable, ledger, known_on)
    relations: dict[str, Relations] = {}
    parents: dict[tuple[str, str], str | None] = {}
    for load in readable:
        orphans = ""
        for column, target in load.object.references.items():
            key = (load.load.source, target)
            if key not in parents:
                parents[key] = _parent_keys(connection, readable, ledger, by_name[key[0]], target, known_on)
            orphans += f", {_orphan(column, parents[key])} as {identifier('_orphan_' + column)}"
        names = Relations(f"rows_{load.load_id}", f"load_{load.load_id}")
        connection.execute(
            f"create view incoming.{identifier(names.rows)} as "
            f"select r.*{orphans} from {scan_of([load.data], load.object)} r"
        )
        connection.execute(
            f"create view incoming.{identifier(names.load)} as "
            f"select * from incoming.loads where load_id = {literal(load.load_id)}"
        )
        relations[load.load_id] = names
    return relations


def _create_facts(
    connection: duckdb.DuckDBPyConnection, readable: Sequence[Received], ledger: Ledger, known_on: date
) -> None:
    accepted = _by_object(ledger.in_force(known_on))
    incoming: dict[tuple[str, str], list[Manifest]] = defaultdict(list)
    standing = {load.slot: load.manifest for load in ledger.in_force()}
    facts = []
    for load in sorted(readable, key=lambda load: load.manifest.load_date):
        key, manifest = (load.manifest.source, load.manifest.object), load.manifest
        history = _history(manifest, accepted.get(key, ()), incoming[key])
        facts.append(_facts(load, history, standing.get((*key, manifest.load_date)), known_on))
        # A truncated load is no base: the next one, truncated alike, would look like any other.
        if not facts[-1]["is_below_band"] or manifest.decision is not None:
            incoming[key].append(manifest)
    connection.register("new_facts", pa.Table.from_pylist(facts, schema=_FACTS))
    connection.execute("create table incoming.loads as select * from new_facts")
    connection.unregister("new_facts")


def union_of_rows(
    connection: duckdb.DuckDBPyConnection, views: Sequence[str], columns: Iterable[str], rows: int
) -> str:
    """Makes ``incoming.union_…`` of these columns of all rows of ``views``, which lie there too; returns its name.

    It is asked several times, and binding hundreds of files costs more than reading them: a table, unless large.
    """
    kind = "table" if rows <= LARGE else "view"
    wanted = ", ".join(map(identifier, dict.fromkeys(columns))) or "1 as nothing"
    parts = " union all ".join(f"select {wanted} from incoming.{identifier(view)}" for view in views)
    connection.execute(f"create or replace {kind} incoming.union_{kind} as {parts}")
    return f"union_{kind}"


def union_of_facts(connection: duckdb.DuckDBPyConnection, load_ids: Iterable[str]) -> str:
    """Makes ``incoming.union_loads`` of the facts of these loads; returns its name."""
    wanted = ", ".join(map(literal, load_ids))
    connection.execute(
        f"create or replace view incoming.union_loads as select * from incoming.loads where load_id in ({wanted})"
    )
    return "union_loads"


def _parent_keys(
    connection: duckdb.DuckDBPyConnection,
    received: Iterable[Received],
    ledger: Ledger,
    source: Source,
    target: str,
    known_on: date,
) -> str | None:
    """A table of the distinct keys of an object, None when nothing of it was ever received."""
    key = (source.source, target)
    spec = source.objects[target]
    files = [r.data for r in received if (r.load.source, r.load.object) == key]
    files += files_of(connection, ledger.folders, spec, [a for a in ledger.in_force(known_on) if a.key == key])
    if not files:
        return None
    name = f"incoming.{identifier('keys_' + '__'.join(key))}"
    connection.execute(
        f"create table {name} as select distinct {identifier(spec.primary_key[0])}::varchar as key "
        f"from {scan_of(files, spec)}"
    )
    return name


def _orphan(column: str, keys: str | None) -> str:
    if keys is None:
        return "null::boolean"
    value = f"r.{identifier(column)}::varchar"
    return f"case when {value} <> {literal(ANONYMOUS)} then {value} not in (select key from {keys}) end"


def _by_object(loads: Iterable[Accepted]) -> dict[tuple[str, str], list[Manifest]]:
    by_object: dict[tuple[str, str], list[Manifest]] = defaultdict(list)
    for load in loads:
        by_object[load.manifest.source, load.manifest.object].append(load.manifest)
    return by_object


def _history(own: Manifest, accepted: Iterable[Manifest], incoming: Iterable[Manifest]) -> list[Manifest]:
    """The object's loads before this one, oldest first; those that come in with it stand for their dates."""
    before = {m.load_date: m for m in accepted if m.load_date <= own.load_date and m.load_id != own.load_id}
    before |= {m.load_date: m for m in incoming if m.load_date < own.load_date}
    return [before[day] for day in sorted(before)]


def _row_count_ratio(load: Received, history: list[Manifest]) -> float | None:
    """Rows against the snapshot before, or against the median of recent deltas; None without a base."""
    counts = [manifest.loaded_count for manifest in history]
    if load.object.mode == "snapshot":
        base: float = counts[-1] if counts else 0
    else:
        base = statistics.median(counts[-HISTORY_LOADS:]) if len(counts) >= HISTORY_NEEDED else 0
    return load.manifest.loaded_count / base if base else None


def _facts(load: Received, history: list[Manifest], replaced: Manifest | None, known_on: date) -> dict[str, Any]:
    """The columns of ``_FACTS``; ``replaced`` is the load of the same date that this one puts out of force."""
    manifest, band = load.manifest, load.object.rows
    rows, ratio = manifest.loaded_count, _row_count_ratio(load, history)
    lost = set(history[-1].columns_present) - set(manifest.columns_present) if history else set()
    # After the first load a delta may be empty: a day without changes.
    needs_rows = load.object.mode == "snapshot" or not history
    is_below = (needs_rows and rows < band.min) or (
        ratio is not None and band.ratio_min is not None and ratio < band.ratio_min
    )
    is_above = (band.max is not None and rows > band.max) or (
        ratio is not None and band.ratio_max is not None and ratio > band.ratio_max
    )
    missed = replaced if replaced and replaced.loaded_count >= WORTH_KEEPING else None
    return {
        "source": manifest.source,
        "object": manifest.object,
        "load_id": manifest.load_id,
        "received_count": manifest.received_count,
        "loaded_count": rows,
        "rejected_count": manifest.rejected_count,
        "reject_rate": _share(manifest.rejected_count, manifest.received_count),
        "key_duplicate_count": manifest.key_duplicate_count,
        "key_duplicate_rate": _share(manifest.key_duplicate_count, rows),
        "row_count": rows,
        "row_count_min": band.min,
        "row_count_max": band.max,
        "row_count_ratio": ratio,
        "ratio_min": band.ratio_min,
        "ratio_max": band.ratio_max,
        "is_below_band": is_below,
        "is_above_band": is_above,
        "replaced_ratio": _share(rows, missed.loaded_count) if missed else 1.0,
        "lag_days": (known_on - manifest.load_date).days,
        "unknown_column_count": len(manifest.unknown_columns),
        "lost_column_count": len(lost),
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
