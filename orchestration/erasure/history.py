"""State and overrides without erased people: record keys become ``erased:<mark>``, decisions about them go."""

import csv
import io
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.erasure.rules import ANONYMOUS
from orchestration.erasure.tombstones import Erased
from orchestration.errors import BadInput
from orchestration.files import sync, write_whole
from orchestration.ingest.decode import Unreadable
from orchestration.stewards.sheet import text_of

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*:[^\s,;|\u3000-\u303f\uff00-\uffef]+")
"""A record key in a text: the name of a source, a colon and an id; the marks of Chinese writing end it."""
_OWN = ("tombstones.csv", "erasures.csv", "redacted_files.csv", "load_decisions.csv", "withdrawn_runs.csv")

_OWNER = "owner_key"
"""Source and id of an employee, who is no customer record though one may have the same id."""


def anonymous_key(erased: Erased, record_key: str) -> str:
    """What stands for an erased record in what history keeps, so that its customer's number is never given again."""
    return f"{ANONYMOUS}:{erased.record_mark(record_key)[:16]}"


def redact_text(text: str, erased: Erased) -> str:
    """The text with the keys of erased records replaced, wherever they stand in it."""

    def instead(match: re.Match[str]) -> str:
        source, _, record_id = match[0].partition(":")
        return anonymous_key(erased, match[0]) if erased.is_record(source, record_id) else match[0]

    source, _, record_id = text.partition(":")
    return anonymous_key(erased, text) if erased.is_record(source, record_id) else _KEY.sub(instead, text)


def redact_table(table: pa.Table, erased: Erased) -> pa.Table | None:
    """The table with the keys of erased records replaced in all texts and lists of texts; None where there are none."""
    columns = [
        None if name == _OWNER else _redacted(table[name].combine_chunks(), erased) for name in table.column_names
    ]
    if all(column is None for column in columns):
        return None
    new = [old if column is None else column for old, column in zip(table.columns, columns, strict=True)]
    return pa.Table.from_arrays(new, schema=table.schema)


def _redacted(column: pa.Array, erased: Erased) -> pa.Array | None:
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        values = _redacted(column.flatten(), erased)
        if values is None:
            return None
        # Through Python, so that empty lists and missing ones stay what they are.
        rows = [row and [text and redact_text(text, erased) for text in row] for row in column.to_pylist()]
        return pa.array(rows, column.type)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return None
    distinct = pc.unique(column).to_pylist()
    changed = {text: new for text in distinct if text and ":" in text and (new := redact_text(text, erased)) != text}
    if not changed:
        return None
    at = pc.index_in(column, value_set=pa.array(list(changed), column.type))
    return pc.coalesce(pa.array(list(changed.values()), column.type).take(at), column)


def redact_state(state: Path, erased: Erased) -> int:
    """Take erased people out of the state of every run; the number of files that held them."""
    changed = 0
    for path in sorted(state.glob("*/*.parquet")):
        table = redact_table(pq.read_table(path), erased)
        if table is None:
            continue
        fresh = path.with_name(f".{path.name}.new")
        pq.write_table(table, fresh, compression="zstd")
        sync(fresh)
        fresh.replace(path)
        sync(path.parent)
        changed += 1
    return changed


def redact_overrides(overrides: Path, erased: Erased) -> int:
    """Remove what people decided about erased records; the number of lines."""
    removed = 0
    for path in sorted(overrides.rglob("*.csv")):
        if path.name in _OWN:
            continue
        try:
            lines = list(csv.reader(io.StringIO(text_of(path), newline="")))
        except (Unreadable, csv.Error) as problem:
            raise BadInput(f"{path}: is no CSV ({problem}); save it as UTF-8 CSV, then run again") from None
        kept = [line for line in lines if all(redact_text(cell, erased) == cell for cell in line)]
        if len(kept) < len(lines):
            text = io.StringIO(newline="")
            csv.writer(text, lineterminator="\n").writerows(kept)
            write_whole(path, text.getvalue())
            removed += len(lines) - len(kept)
    return removed
