"""Shows dbt what stewards decided: ``ledger.merge_overrides`` and ``ledger.match_labels``."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.ingest.contract import Source
from orchestration.sql import identifier
from orchestration.stewards import labels, overrides

_TIME = pa.timestamp("us")
OVERRIDES = pa.schema(
    [
        *((name, pa.string()) for name in ("left_record_key", "right_record_key", "decision", "reason", "decided_by")),
        *(("decided_at", _TIME), ("until", pa.date32()), ("revoked_by", pa.string()), ("revoked_at", _TIME)),
        ("is_in_force", pa.bool_()),
    ]
)
LABELS = pa.schema(
    [
        *(("label_number", pa.int64()), ("left_record_key", pa.string()), ("right_record_key", pa.string())),
        ("band", pa.string()),
        *(("pair_count_of_band", pa.int64()), ("weight", pa.float64()), ("is_same", pa.bool_())),
        *(("labelled_by", pa.string()), ("labelled_at", _TIME)),
    ]
)


def register(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    sources: Mapping[str, Source],
    known_on: date,
    note: Callable[[str], None],
) -> None:
    """Make both tables from the files in ``folder``; without a file its table is empty. ``note`` tells what waits.

    Expects ``raw.*`` and ``state.customer_ids`` in the database.

    Raises:
        BadInput: a file cannot be used, or decisions in force contradict each other.
    """
    rows = overrides.read_overrides(folder)
    path = overrides.file_of(folder)
    overrides.check(rows, known_on, sources, path)
    bound = overrides.in_force(rows, known_on)
    if line := overrides.missing(bound, _known(con, {key for pair in bound for key in pair}, sources.values()), path):
        note(line)
    _create(
        con,
        "merge_overrides",
        OVERRIDES,
        [
            {
                **{"left_record_key": row.left, "right_record_key": row.right, "decision": row.decision},
                **{"reason": row.reason, "decided_by": row.decided_by, "decided_at": _utc(row.decided_at)},
                **{"until": row.until, "revoked_by": row.revoked_by or None, "revoked_at": _utc(row.revoked_at)},
                "is_in_force": bound.get(row.pair) is row,
            }
            for row in rows
        ],
    )
    _create(
        con,
        "match_labels",
        LABELS,
        [
            {
                **{"label_number": number, "left_record_key": label.left, "right_record_key": label.right},
                "band": label.band,
                **{"pair_count_of_band": label.pair_count_of_band, "weight": label.weight, "is_same": label.is_same},
                **{"labelled_by": label.labelled_by or None, "labelled_at": _utc(label.labelled_at)},
            }
            for number, label in enumerate(labels.read_labels(folder), start=1)
        ],
    )


def _create(con: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, rows: list[dict[str, object]]) -> None:
    con.register("steward_rows", pa.Table.from_pylist(rows, schema=schema))
    con.execute(f"create or replace table ledger.{identifier(name)} as select * from steward_rows")
    con.unregister("steward_rows")


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None


def _known(con: duckdb.DuckDBPyConnection, keys: Collection[str], sources: Iterable[Source]) -> set[str]:
    """Those of ``keys`` that a run has given a customer, or that a load holds."""
    if not keys:
        return set()
    wanted = pa.table({"record_key": pa.array(sorted(keys), pa.string())})
    con.register("wanted_keys", wanted)
    found = _column(con, "select record_key from wanted_keys semi join state.customer_ids using (record_key)")
    for source in sources:
        # Raw is opened for records of the source that no run has seen, and there are hardly ever any.
        if not any(key.startswith(f"{source.source}:") for key in set(keys) - found):
            continue
        for spec in source.objects.values():
            if spec.holds_customers:
                key = f"'{source.source}:' || trim({identifier(spec.primary_key[0])})"
                relation = f"raw.{identifier(f'{source.source}__{spec.name}')}"
                found |= _column(
                    con, f"select record_key from wanted_keys where record_key in (select {key} from {relation})"
                )
    con.unregister("wanted_keys")
    return found


def _column(con: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    return {str(key) for (key,) in con.execute(query).fetchall()}
