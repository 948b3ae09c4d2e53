"""Whom a customer id stands for: records by the state in force, their customer ids per kept run, what they held."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from orchestration.erasure.rules import ANONYMOUS
from orchestration.erasure.tombstones import IDENTIFIERS, Erased, normalised
from orchestration.errors import BadInput
from orchestration.files import entries
from orchestration.folders import Folders
from orchestration.ingest.contract import Source, SourceObject
from orchestration.ingest.ledger import Ledger
from orchestration.publish.pointer import runs_folder
from orchestration.publish.state import RUN_NUMBER, StateRun, chain, chain_of
from orchestration.sql import file_literal, identifier, literal, parquet_scan

_VALUES = ("name", "phone", "email", "openid", "uscc", "address")


def customers_by_record(folders: Folders, runs: Iterable[StateRun]) -> dict[str, str]:
    """The customer id of every record after the last of ``runs``."""
    found: dict[str, str] = {}
    with duckdb.connect() as con:
        for run in runs:
            path = folders.state / run.run_id / "customer_ids.parquet"
            if path.is_file():
                rows = con.execute(f"select record_key, customer_id from {parquet_scan(path)}").fetchall()
                found.update(rows)
    return {key: customer for key, customer in found.items() if not key.startswith(f"{ANONYMOUS}:")}


def records_of(folders: Folders, customer_id: str, *, was_erased: bool = False) -> list[str]:
    """The record keys that a customer is made of.

    Raises BadInput for one that there is not, unless it ``was_erased``.
    """
    now = _records_that_had(folders, customer_id)
    records = sorted(key for key, customer in now.items() if customer == customer_id)
    if records or was_erased:
        return records
    successors = sorted(set(now.values()))
    if successors:
        raise BadInput(f"erase {customer_id}: no record is its own any more; now they are {', '.join(successors)}")
    raise BadInput(f"erase {customer_id}: there is no such customer; expected an id as in dim_customer, such as C1")


def _records_that_had(folders: Folders, customer_id: str) -> dict[str, str]:
    """The customer in force of every living record that ever had this id; every run's state is read once."""
    paths = [folders.state / run.run_id / "customer_ids.parquet" for run in chain(folders)]
    files = ", ".join(file_literal(path) for path in paths if path.is_file())
    if not files:
        return {}
    with duckdb.connect() as con:
        rows = con.execute(
            f"""select record_key, max_by(customer_id, {RUN_NUMBER})
                from read_parquet([{files}], hive_partitioning = false)
                where not starts_with(record_key, '{ANONYMOUS}:')
                group by record_key having bool_or(customer_id = ?)""",
            [customer_id],
        ).fetchall()
    return dict(rows)


def customers_of_runs(folders: Folders, records: Iterable[str]) -> dict[str, list[str]]:
    """Per kept run the customer ids under which it shows these records; nothing for a run whose state is not kept."""
    wanted, found = set(records), {}
    for run_id in entries(runs_folder(folders)):
        try:
            shown = customers_by_record(folders, chain_of(folders, run_id))
        except BadInput:
            continue
        found[run_id] = sorted({customer for key, customer in shown.items() if key in wanted})
    return found


def values_of(folders: Folders, sources: Mapping[str, Source], records: Iterable[str]) -> dict[str, set[str]]:
    """What the records held in any accepted version, by kind of personal data."""
    ids: dict[str, list[str]] = {}
    for key in records:
        source, _, record_id = key.partition(":")
        ids.setdefault(source, []).append(record_id)
    found: dict[str, set[str]] = {kind: set() for kind in _VALUES}
    with duckdb.connect() as con:
        for name, spec, data in _customer_loads(folders, sources):
            if name not in ids:
                continue
            chosen = f"trim({identifier(spec.primary_key[0])}) in ({', '.join(map(literal, ids[name]))})"
            for column, kind in _columns(con, spec, data, _VALUES).items():
                rows = con.execute(f"select distinct {identifier(column)} from {parquet_scan(data)} where {chosen}")
                found[kind] |= {str(text) for (text,) in rows.fetchall() if text}
    return found


def unshared_identifiers(
    folders: Folders, sources: Mapping[str, Source], records: Iterable[str], values: Mapping[str, set[str]]
) -> set[tuple[str, str]]:
    """The person's openids, USCCs and phones that no other customer record ever had, as (kind, text)."""
    records = set(records)
    mine = {(kind, normal) for kind in IDENTIFIERS for text in values[kind] if (normal := normalised(kind, text))}
    with duckdb.connect() as con:
        for name, spec, data in _customer_loads(folders, sources):
            for column, kind in _columns(con, spec, data, IDENTIFIERS).items():
                key, cell = identifier(spec.primary_key[0]), identifier(column)
                rows = con.execute(
                    f"select distinct trim({key}), {cell} from {parquet_scan(data)} where {cell} is not null"
                )
                for record_id, text in rows.fetchall():
                    if f"{name}:{record_id}" not in records:
                        mine.discard((kind, normalised(kind, text) or ""))
    return mine


def marks_of(erased: Erased, records: Iterable[str], identifiers: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """The tombstones of records and identifiers."""
    marks = {("record", erased.record_mark(key)) for key in records}
    return marks | {(kind, mark) for kind, text in identifiers if (mark := erased.identifier_mark(kind, text))}


def _customer_loads(folders: Folders, sources: Mapping[str, Source]) -> Iterable[tuple[str, SourceObject, Path]]:
    for load in Ledger(folders).accepted():
        source = sources.get(load.manifest.source)
        spec = source.objects.get(load.manifest.object) if source else None
        if source and spec and spec.holds_customers:
            yield source.source, spec, load.data


def _columns(con: duckdb.DuckDBPyConnection, spec: SourceObject, data: Path, kinds: Iterable[str]) -> dict[str, str]:
    there = {row[0] for row in con.execute(f"describe select * from {parquet_scan(data)}").fetchall()}
    return {n: str(c.personal) for n, c in spec.columns.items() if c.personal in set(kinds) and n in there}
