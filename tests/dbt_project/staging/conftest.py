"""Files as a CRM writes them, received as a run receives them, and staged by the models' own SQL."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import openpyxl  # type: ignore[import-untyped]
import pytest
import yaml

from orchestration.erasure.tombstones import Erased
from orchestration.folders import Folders
from orchestration.ingest.acceptance import accept_all
from orchestration.ingest.catalog import register_raw
from orchestration.ingest.contract import Source, dbt_sources, load_source
from orchestration.ingest.landing import scan
from orchestration.ingest.ledger import Ledger
from orchestration.ingest.receive import receive

ROOT = Path(__file__).parents[3]
AT = datetime(2025, 12, 1, 6, tzinfo=UTC)
Cell = object
Row = Mapping[str, Cell]


class Crm:
    """A CRM with one landing folder. Rows are dictionaries of header to cell; a missing header is an empty cell."""

    def __init__(self, name: str, root: Path, rendering: Any, database: duckdb.DuckDBPyConnection) -> None:
        self.source: Source = load_source(ROOT / "sources" / f"{name}.yml")
        self.folders = Folders(root)
        self.landing = self.folders.landing / name
        self.landing.mkdir(parents=True)
        self._database = database
        (tables,) = dbt_sources(self.source)["sources"]
        nodes = {
            f"source.liucun.{name}.{table['name']}": SimpleNamespace(
                config=SimpleNamespace(meta=table["config"]["meta"])
            )
            for table in tables["tables"]
        }
        self._models = rendering(
            var=lambda key: {"time_zone": "Asia/Shanghai", "sources": [name]}[key],
            source=lambda schema, table: f"ledger.{table}" if schema == "ledger" else f"raw.{schema}__{table}",
            graph=SimpleNamespace(sources=nodes),
        )

    def csv(self, name: str, rows: Sequence[Row], encoding: str, line_end: str = "\r\n") -> None:
        """Every cell as text, quoted where it must be; ``name`` may lead through folders."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(dict.fromkeys(h for row in rows for h in row)), lineterminator=line_end)
        writer.writeheader()
        writer.writerows(rows)
        (self.landing / name).parent.mkdir(parents=True, exist_ok=True)
        (self.landing / name).write_bytes(text.getvalue().encode(encoding))

    def xlsx(self, name: str, rows: Sequence[Row]) -> None:
        """Cells with the types that they have."""
        book = openpyxl.Workbook()
        headers = list(dict.fromkeys(h for row in rows for h in row))
        book.active.append(headers)
        for row in rows:
            book.active.append([row.get(header) for header in headers])
        book.save(self.landing / name)

    def jsonl(self, name: str, rows: Sequence[Row]) -> None:
        """One object a line."""
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (self.landing / name).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def receive(self, erased: Erased | None = None) -> None:
        """Accepts everything that lies there, and shows it as a run does."""
        ledger = Ledger(self.folders)
        loads = [load for load in scan(self.folders.landing, [self.source]).loads if ledger.status(load) == "new"]
        received = [
            receive(load, self.source.objects[load.object], self.folders.incoming, erased=erased) for load in loads
        ]
        assert [load.refusals for load in received if load.refusals] == []
        assert [load.manifest.rejected_count for load in received if load.manifest.rejected_count] == []
        accept_all(self.folders, received, AT)
        ledger = Ledger(self.folders)
        register_raw(self._database, self.folders, [self.source], ledger.in_force(), ledger.accepted())

    def staged(self, entity: str) -> list[dict[str, Any]]:
        """The rows of a staging model in the order of its grain; its columns and types are those of its YAML."""
        name = f"stg_{self.source.source}__{entity}"
        path = f"staging/{self.source.source}/{name}"
        described = yaml.safe_load((ROOT / "dbt_project" / "models" / f"{path}.yml").read_text(encoding="utf-8"))
        (model,) = described["models"]
        self._database.execute(f"create or replace table staged as {self._models.model(f'{path}.sql')}")
        types = {name: kind for name, kind, *_ in self._database.execute("describe staged").fetchall()}
        told = {column["name"]: column["data_type"].upper().replace(" ", "") for column in model["columns"]}
        assert types == told
        order = ", ".join(model["config"]["meta"]["grain"])
        rows = self._database.execute(f"select * from staged order by {order}").fetchall()
        return [dict(zip(types, row, strict=True)) for row in rows]


@pytest.fixture
def crm(tmp_path: Path, rendering: Any, database: duckdb.DuckDBPyConnection) -> Callable[[str], Crm]:
    return lambda name: Crm(name, tmp_path / "warehouse", rendering, database)
