"""A small private warehouse, made by hand: the tables that stewards' commands read, and nothing else."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from customer_models.identity.comparison import FEATURES, Party, comparisons
from customer_models.identity.scoring import FORMAT
from customer_models.identity.vetoes import FACTS
from orchestration.folders import Folders
from orchestration.publish.manifest import Manifest, write_manifest
from orchestration.publish.pointer import flip, run_folder
from orchestration.publish.state import StateRun, write_state
from orchestration.stewards.reading import REGION, VALUES

KNOWN_ON = date(2025, 12, 2)
RECORDS = pa.schema(
    [
        pa.field("record_key", pa.string()),
        pa.field("is_deleted", pa.bool_()),
        *(pa.field(name, pa.date32() if name == "birth_date" else pa.string()) for name in (*VALUES, *REGION)),
        *FACTS,
    ]
)
EDGES = pa.schema(
    [
        *((name, pa.string()) for name in ("left_record_key", "right_record_key", "verdict", "rule")),
        *(("weight", pa.float64()), ("reason", pa.string())),
    ]
)
PAIRS = pa.schema(
    [
        *((name, pa.string()) for name in ("left_record_key", "right_record_key", "exact_rule")),
        *(("exact_weight", pa.float64()), ("match_weight", pa.float64())),
    ]
)
CROSSWALK = pa.schema([("record_key", pa.string()), ("customer_id", pa.string())])
ORDERS = pa.schema([("record_key", pa.string()), ("net_amount", pa.decimal128(18, 2)), ("is_valid", pa.bool_())])


def model_text(party: Party) -> str:
    """A model whose levels weigh 8, 7, 6 … for agreement and -4 for none, with a prior of -12."""
    compared = comparisons(party)
    for comparison in compared:
        told = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        for place, level in enumerate(told):
            weight = -4 if place == len(told) - 1 else 8 - place
            level |= {"m_probability": 0.05 * 2.0 ** min(weight, 0), "u_probability": 0.05 * 2.0 ** -max(weight, 0)}
    settings = {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record_key",
        "sql_dialect": "duckdb",
        "probability_two_random_records_match": 1 / 4097,
        "comparisons": compared,
        "blocking_rules_to_generate_predictions": [],
    }
    return json.dumps({"format": FORMAT, "party": party, "splink": "5", "record_count": 1, "settings": settings})


@dataclass
class Shop:
    """Records, edges and orders to be; ``build`` writes them where a run would have."""

    folders: Folders
    records: list[dict[str, Any]] = field(default_factory=list)
    features: list[dict[str, Any]] = field(default_factory=list)
    customers: dict[str, str] = field(default_factory=dict)
    edges: list[dict[str, Any]] = field(default_factory=list)
    pairs: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)

    def record(self, key: str, customer: str, **values: Any) -> None:
        """A person called 张伟 with a phone, unless ``values`` (of id_record or id_feature) say otherwise."""
        told = {
            **{"name": "张伟", "phone": "13812345678", "name_key": "张伟", "name_pinyin": "wei zhang"},
            **{"surname_key": "张", "surname_pinyin": "zhang", "given_key": "伟", "is_name_partial": False},
            **{"party": "person", "mobile_key": "13812345678", "is_deleted": False, "record_key": key, **values},
        }
        self.records.append({name: told.get(name) for name in RECORDS.names})
        self.features.append({name: told.get(name) for name in (*FEATURES.names, "party")})
        self.customers[key] = customer

    def edge(self, left: str, right: str, verdict: str, weight: float, rule: str = "model", reason: str = "") -> None:
        """An edge of id_edge."""
        said = reason or ("weight of all fields" if rule == "model" else f"equal {rule}")
        self.edges.append(dict(zip(EDGES.names, (left, right, verdict, rule, weight, said), strict=True)))

    def pair(self, left: str, right: str, weight: float, exact_rule: str | None = None) -> None:
        """A candidate pair with its score."""
        exact = 25.0 if exact_rule else None
        self.pairs.append(dict(zip(PAIRS.names, (left, right, exact_rule, exact, weight), strict=True)))

    def order(self, key: str, amount: str, is_valid: bool = True) -> None:
        """An order of a record."""
        self.orders.append({"record_key": key, "net_amount": Decimal(amount), "is_valid": is_valid})

    def build(self) -> None:
        """Write the private warehouse anew."""
        file = self.folders.warehouse_file
        file.parent.mkdir(parents=True, exist_ok=True)
        self.folders.landing.mkdir(exist_ok=True)
        file.unlink(missing_ok=True)
        customers = [{"record_key": key, "customer_id": customer} for key, customer in self.customers.items()]
        models = [{"party": party, "model": model_text(party)} for party in ("person", "organisation")]
        tables = {
            "identity.id_record": pa.Table.from_pylist(self.records, RECORDS),
            "identity.id_feature": pa.Table.from_pylist(self.features, pa.schema([*FEATURES, ("party", pa.string())])),
            "identity.id_edge": pa.Table.from_pylist(self.edges, EDGES),
            "identity.id_pair": pa.Table.from_pylist(self.pairs, PAIRS).drop_columns(["match_weight"]),
            "identity.id_score": pa.Table.from_pylist(self.pairs, PAIRS).drop_columns(["exact_rule", "exact_weight"]),
            "identity.id_crosswalk": pa.Table.from_pylist(customers, CROSSWALK),
            "core.fct_order": pa.Table.from_pylist(self.orders, ORDERS),
            "ledger.run": pa.table({"as_of_date": [date(2025, 12, 1)], "known_on": [KNOWN_ON]}),
            "ledger.match_models": pa.Table.from_pylist(models),
        }
        with duckdb.connect(str(file)) as con:
            for schema in ("identity", "core", "ledger"):
                con.execute(f"create schema {schema}")
            for name, table in tables.items():
                con.register("made", table)
                con.execute(f"create table {name} as select * from made")
                con.unregister("made")

    def publish(self) -> None:
        """Make these customers the state in force, as a run does."""
        run_id = "20251202T060000Z-ab12"
        folder = run_folder(self.folders, run_id)
        folder.mkdir(parents=True)
        (folder / "marts.duckdb").touch()
        at = datetime(2025, 12, 2, 6, tzinfo=UTC)
        write_manifest(folder, Manifest(run_id, None, "daily", date(2025, 12, 1), KNOWN_ON, at, {}, (), {}))
        ids = {"record_key": list(self.customers), "customer_id": list(self.customers.values())}
        write_state(self.folders, StateRun(run_id, None, date(2025, 12, 1), 1), {"customer_ids": pa.table(ids)})
        flip(self.folders, run_id)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A warehouse ``mine`` without records."""
    return Shop(Folders(tmp_path / "mine"))


@pytest.fixture
def write_csv(shop: Shop) -> Callable[..., Path]:
    """Writes a file of overrides from its header and rows."""

    def write(name: str, header: str, *rows: str, encoding: str = "utf-8") -> Path:
        path = shop.folders.overrides / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(("\r\n".join((header, *rows)) + "\r\n").encode(encoding))
        return path

    return write
