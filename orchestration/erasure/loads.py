"""Received loads without erased people: rows, rejected records and manifests in ``raw/`` and ``quarantine/``."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.erasure.rules import Rules, Selection, select_without
from orchestration.files import sync
from orchestration.ingest.ledger import Accepted, Quarantined
from orchestration.ingest.manifest import Manifest
from orchestration.sql import identifier, literal, parquet_scan


@dataclass(frozen=True)
class Counts:
    """Rows of a load per file, and rows beyond a key's first."""

    loaded: dict[str, int]
    key_duplicates: int


def redact_accepted(con: duckdb.DuckDBPyConnection, load: Accepted, rules: Rules) -> bool:
    """Take erased people out of a load in raw; its id stays. Whether there were any.

    The manifest is written first: it says what the rows will be, so a kill in between is healed by doing it again.
    """
    redact_rejects(load.folder / "rejects.parquet", rules)
    names = pq.read_schema(load.data).names
    relation = parquet_scan(load.data)
    actual = {column: column for column in rules.spec.columns if column in names}
    selection = select_without(rules, relation, actual, ["_extra"], lambda sql: con.execute(sql).fetchall())
    if selection is None:
        return False
    kept = selection.of(relation)
    _redacted_manifest(load, _counts(con, selection, relation, rules)).write(load.folder)
    _replace(con, kept, load.data)
    return True


def _counts(con: duckdb.DuckDBPyConnection, selection: Selection, relation: str, rules: Rules) -> Counts:
    kept = selection.of(relation)
    keys = ", ".join(map(identifier, rules.spec.primary_key))
    loaded = dict(con.execute(f"select _file, count(*) from ({kept}) group by all").fetchall())
    distinct = con.execute(f"select count(*) from (select distinct {keys} from ({kept}))").fetchall()[0][0]
    return Counts(loaded, sum(loaded.values()) - distinct)


def _redacted_manifest(load: Accepted, counts: Counts) -> Manifest:
    manifest = load.manifest
    files = []
    for file in manifest.files:
        loaded = counts.loaded.get(file.name, 0)
        erased = file.received_count - file.rejected_count - loaded
        files.append(file.model_copy(update={"loaded_count": loaded, "erased_count": erased}))
    with load.data.open("rb") as rows:
        before = hashlib.file_digest(rows, "sha256").hexdigest()
    return manifest.model_copy(
        update={
            "files": tuple(files),
            "loaded_count": sum(file.loaded_count for file in files),
            "erased_count": sum(file.erased_count for file in files),
            "key_duplicate_count": counts.key_duplicates,
            "redacted_from": manifest.redacted_from or before,
        }
    )


def _replace(con: duckdb.DuckDBPyConnection, rows: str, path: Path) -> None:
    fresh = path.with_name(f".{path.name}.new")
    con.execute(f"copy ({rows}) to {literal(str(fresh))} (format parquet, compression zstd)")
    sync(fresh)
    fresh.replace(path)
    sync(path.parent)


def redact_refused(load: Quarantined, rules: Rules) -> bool:
    """Take erased people out of what a refused load keeps: the records that could not be read."""
    return redact_rejects(load.rejects, rules)


def redact_rejects(path: Path, rules: Rules) -> bool:
    """Empty the texts of rejected records that speak of erased people; whether there were any."""
    if not path.is_file() or not rules.personal:
        return False
    table = pq.read_table(path)
    theirs = [bool(text) and rules.erased.speaks_in(rules.source, str(text)) for text in table["text"].to_pylist()]
    if not any(theirs):
        return False
    texts = pc.if_else(pa.array(theirs), pa.scalar("", pa.string()), table["text"].cast(pa.string()))
    fresh = path.with_name(f".{path.name}.new")
    pq.write_table(table.set_column(table.column_names.index("text"), "text", texts), fresh, compression="zstd")
    sync(fresh)
    fresh.replace(path)
    sync(path.parent)
    return True
