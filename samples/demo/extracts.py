"""An extract of a system: a query that says what each load holds, and the files that come of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from samples.demo.days import NEVER, Days
from samples.demo.write import Format, write
from samples.extracts import write_missing

XLSX = Format("xlsx")
JSONL = Format("jsonl")
GB18030 = Format("csv", "gb18030", "\r\n")
UTF8 = Format("csv")
UTF8_BOM = Format("csv", "utf-8-sig")


@dataclass(frozen=True)
class Extract:
    """One object of one source."""

    source: str
    object: str
    path: str
    """Path below the source's folder, in which {date} stands for the load date and {day} for it without hyphens."""
    form: Format
    key: tuple[str, ...]
    """Headers of the key."""
    query: str
    """Gives ``load`` and then the columns of the file under their headers, a row per load and key."""
    is_snapshot: bool = False
    deleted: str = "false"
    """SQL over the headers: whether the row takes the record out."""
    is_resent: bool = False
    """Whether the load ``Days.resent`` holds the rows of the load before once more."""
    drifts: bool = False
    order: str = ""
    """SQL to order the rows of a file by; the key if empty."""


Ledger = Callable[[Extract, pa.Table], None]
"""Takes note of an extract's keys: columns key, first_load, deleted_load."""


@dataclass
class Sink:
    """Runs extracts and writes their files, part by part where a part is not all of it."""

    connection: duckdb.DuckDBPyConnection
    days: Days
    landing: Path
    ledger: Ledger
    files: list[Path] = field(default_factory=list)
    """All files of the landing folder, written now or there before."""
    written: list[Path] = field(default_factory=list)
    _later: dict[str, tuple[Extract, list[pa.Table]]] = field(default_factory=dict)

    def run(self, extract: Extract, part: int | None = None) -> None:
        """Write an extract; of one that comes in parts, the first load's part, keeping what later loads hold."""
        table = self._rows(extract)
        self._note(extract, table)
        loads = table.column("load").to_numpy()
        if part is None:
            self._write_loads(extract, table, loads, range(self.days.count))
            return
        first = int(np.searchsorted(loads, 1))
        if first:
            self._write(extract, 0, table.slice(0, first), part)
        _, kept = self._later.setdefault(f"{extract.source}.{extract.object}", (extract, []))
        kept.append(table.slice(first))

    def finish(self) -> None:
        """Write what later loads hold of the extracts that came in parts."""
        for extract, tables in self._later.values():
            whole = pa.concat_tables(tables).sort_by([("load", "ascending")])
            self._write_loads(extract, whole, whole.column("load").to_numpy(), range(1, self.days.count))
        self._later.clear()

    def _rows(self, extract: Extract) -> pa.Table:
        key = ", ".join(f'"{name}"' for name in extract.key)
        order = extract.order or key
        query = f"({extract.query})"
        if extract.is_resent and self.days.resent != NEVER:
            group = f'"{extract.key[0]}"'
            self.connection.execute(f"create or replace temp table sent as {query}")
            query = f"""(
                select * from sent
                union all
                select * replace ({self.days.resent} as load) from sent
                where load = {self.days.resent - 1}
                    and {group} not in (select {group} from sent where load = {self.days.resent})
            )"""
        return self.connection.sql(f"select * from {query} order by load, {order}").to_arrow_table()

    def _note(self, extract: Extract, table: pa.Table) -> None:
        key = " || '|' || ".join(f"coalesce(cast(\"{name}\" as varchar), '')" for name in extract.key)
        gone = (
            f"case when max(load) < {self.days.count - 1} then max(load) + 1 end"
            if extract.is_snapshot
            else f"min(load) filter ({extract.deleted})"
        )
        self.connection.register("table_rows", table)
        query = f"select {key} as key, min(load) as first_load, {gone} as deleted_load from table_rows"
        noted = self.connection.sql(f"{query} group by 1 order by 1").to_arrow_table()
        self.connection.unregister("table_rows")
        self.ledger(extract, noted)

    def _write_loads(
        self, extract: Extract, table: pa.Table, loads: "np.typing.NDArray[np.int64]", which: range
    ) -> None:
        edges = np.searchsorted(loads, np.arange(which.start, which.stop + 1))
        for load, low, high in zip(which, edges[:-1], edges[1:], strict=True):
            if high > low:
                self._write(extract, load, table.slice(low, high - low), None)

    def _write(self, extract: Extract, load: int, rows: pa.Table, part: int | None) -> None:
        on = self.days.date(load)
        path = extract.path.format(date=on.isoformat(), day=f"{on:%Y%m%d}")
        target = self.landing / extract.source / path
        if part is not None:
            target = target.with_name(f"{target.stem}_{part:03d}{target.suffix}")
        rows = rows.drop_columns(["load"])
        if extract.drifts and load >= self.days.drift != NEVER and not self._has_drifted():
            rows = self._drifted(rows)
        if extract.form.kind == "jsonl":
            rows = self._lines(rows)
        self.files.append(target)
        self.written += write_missing([(target, lambda hidden: write(rows, hidden, extract.form))])

    _drift_seen: bool = False

    def _has_drifted(self) -> bool:
        seen, self._drift_seen = self._drift_seen, True
        return seen

    def _drifted(self, rows: pa.Table) -> pa.Table:
        """A column that nobody announced, and the last three columns in front."""
        names = rows.column_names
        extra = pa.repeat(pa.scalar("待评估"), rows.num_rows)
        return rows.select([*names[-3:], *names[:-3]]).append_column("客户画像", extra)

    def _lines(self, rows: pa.Table) -> pa.Table:
        self.connection.register("line_rows", rows)
        cells = ", ".join(f"'{name}': \"{name}\"" for name in rows.column_names)
        lines = self.connection.sql(
            f"select cast(to_json({{{cells}}}) as varchar) as line from line_rows"
        ).to_arrow_table()
        self.connection.unregister("line_rows")
        return lines
