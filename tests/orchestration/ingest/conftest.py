"""A warehouse's folders and two small sources, with the steps of ingest as one-liners."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from orchestration.folders import Folders
from orchestration.ingest.acceptance import accept_all, refuse
from orchestration.ingest.contract import Source, load_source
from orchestration.ingest.landing import LandingLoad, LandingScan, scan
from orchestration.ingest.ledger import Ledger, Quarantined
from orchestration.ingest.manifest import Manifest
from orchestration.ingest.receive import Received, open_engine, receive

AT = datetime(2025, 3, 1, 6, tzinfo=UTC)

CRM: dict[str, Any] = {
    "source": "crm",
    "description": "A small CRM",
    "objects": {
        "customers": {
            "files": "*.csv",
            "format": "csv",
            "mode": "snapshot",
            "primary_key": ["customer_id"],
            "modified_at": "modified_at",
            "deleted": {"column": "is_deleted", "values": ["true", "是"]},
            "rows": {"min": 1, "max": 1000, "ratio_min": 0.7, "ratio_max": 3.0},
            "columns": {
                "customer_id": {"type": "VARCHAR", "required": True, "headers": ["客户编号"], "label_zh": "客户编号"},
                "name": {"type": "VARCHAR", "required": True, "headers": ["客户名称"]},
                "phone": {"type": "VARCHAR"},
                "modified_at": {"type": "TIMESTAMP"},
                "is_deleted": {"type": "BOOLEAN"},
            },
        },
        "orders": {
            "files": "*.csv",
            "format": "csv",
            "mode": "delta",
            "primary_key": ["order_id", "line_no"],
            "replace_together": ["order_id"],
            "references": {"customer_id": "customers"},
            "rows": {"min": 0, "ratio_min": 0.5},
            "required": False,
            "columns": {
                "order_id": {"type": "VARCHAR", "required": True},
                "line_no": {"type": "BIGINT", "required": True},
                "customer_id": {"type": "VARCHAR"},
                "amount": {"type": "DECIMAL(18,2)"},
            },
        },
    },
}


@dataclass
class World:
    """The folders of a test, its source, and short names for what is done to them."""

    folders: Folders
    source: Source
    tmp: Path

    def land(
        self, content: str | bytes, name: str = "a.csv", object_name: str = "customers", on: str = "2025-01-01"
    ) -> Path:
        path = self.folders.landing / "crm" / object_name / f"load_date={on}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def scan(self, known_on: date | None = None) -> LandingScan:
        return scan(self.folders.landing, [self.source], known_on)

    def only_load(self) -> LandingLoad:
        (load,) = self.scan().loads
        return load

    def receive(self, load: LandingLoad | None = None, threads: int | None = None, **options: Any) -> Received:
        load = load or self.only_load()
        with open_engine(self.folders.incoming, threads) as engine:
            return receive(load, self.source.objects[load.object], self.folders.incoming, engine=engine, **options)

    def take(self, content: str | bytes, name: str = "a.csv", **where: str) -> Received:
        """Land one file alone and receive it."""
        self.land(content, name, **where)
        return self.receive()

    def accept(self, *received: Received, **options: Any) -> tuple[Manifest, ...]:
        return accept_all(self.folders, received, AT, **options)

    def refuse(self, received: Received, *reasons: str) -> Path:
        return refuse(self.folders, received, reasons or ("a gate said no",), AT)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.folders)

    def status(self, load: LandingLoad | None = None) -> str:
        return self.ledger.status(load or self.only_load())

    def blocking(self, *pending: LandingLoad, **options: Any) -> list[str]:
        return [q.load_id for q in self.ledger.blocking_refusals([self.source], pending=pending, **options)]

    def held_back(self) -> list[str]:
        return [q.load_id for q in self.ledger.held_back([self.source])]

    def quarantined(self) -> list[Quarantined]:
        return list(self.ledger.quarantined())


def rows_of(received: Received, columns: str = "*") -> list[tuple[Any, ...]]:
    return duckdb.sql(f"select {columns} from read_parquet('{received.data}')").fetchall()


def rejects_of(folder: Path) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"from read_parquet('{folder / 'rejects.parquet'}')").fetchall()


@pytest.fixture
def rows() -> Any:
    return rows_of


@pytest.fixture
def rejects() -> Any:
    return lambda received: rejects_of(received.folder)


@pytest.fixture
def contract() -> dict[str, Any]:
    """A fresh copy of the CRM's YAML as Python."""
    copy: dict[str, Any] = yaml.safe_load(yaml.safe_dump(CRM))
    return copy


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path, CRM)


@pytest.fixture
def world_of(tmp_path: Path) -> Any:
    """A world with another contract."""
    return lambda data: make_world(tmp_path, data)


def make_world(tmp_path: Path, data: dict[str, Any]) -> World:
    path = tmp_path / "sources" / "crm.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return World(Folders(tmp_path / "var" / "demo"), load_source(path), tmp_path)
