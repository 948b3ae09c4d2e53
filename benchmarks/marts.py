"""What each mart's SQL takes, beside bare aggregations of the same columns in the same process."""

import json
import shutil
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.table import table
from benchmarks.work import Broken, Work, say
from orchestration.sql import identifier

BARE = Path(__file__).with_name("bare")
REPEATS = 5
SHARED = ("models/staging/", "models/identity/")
CORE = "models/core/"
NOTE = f"""\
own = the mart's own SQL; chain = with the tables that are made only for marts (models/core/<domain>/: a table that two
marts read counts for both); bare = benchmarks/bare/<mart>.sql: plain aggregations of the same columns to the mart's
grain. Each creates a temporary table; one process, one connection, medians of {REPEATS} in milliseconds."""


@dataclass(frozen=True)
class Model:
    """A model with its compiled SQL."""

    name: str
    relation: str
    sql: str


def measure(work: Work) -> str:
    """The table of all published marts."""
    settings, folders = work.sample(), work.sample_folders()
    manifest = json.loads((folders.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    compiled = folders.dbt_target / "compiled"
    copy = work.fresh("marts") / folders.warehouse_file.name
    copy.parent.mkdir()
    shutil.copy(folders.warehouse_file, copy)
    config = {"threads": settings.threads, "preserve_insertion_order": False}
    rows, slower = [], []
    with duckdb.connect(str(copy), config=config) as con:
        con.execute("set timezone = 'UTC'")
        for mart, chain in sorted(chains(manifest, lambda node: _compiled(compiled, node)).items()):
            say(mart)
            count = con.execute(f"select count(*) from {chain[-1].relation}").fetchall()[0][0]
            own, whole = _time(con, [chain[-1].sql]), _time(con, [model.sql for model in chain])
            bare = _time(con, _statements(mart))
            rows.append(
                [mart, f"{count:,}", _ms(own), str(len(chain) - 1), _ms(whole), _ms(bare), f"{whole / bare:.1f}"]
            )
            slower.append(whole / bare)
    headers = ("mart", "rows", "own", "tables before", "chain", "bare", "chain ÷ bare")
    return f"{table(headers, rows)}\nmedian of the ratios {statistics.median(slower):.1f}\n{NOTE}"


def chains(manifest: Mapping[str, Any], sql_of: Callable[[Mapping[str, Any]], str]) -> dict[str, list[Model]]:
    """Per published mart the models that exist for marts alone, in the order in which they are built; itself last.

    What staging, identity and the tables directly in models/core make is there for everyone, and counts for nobody.
    """
    nodes = {i: n for i, n in manifest["nodes"].items() if n["resource_type"] == "model"}

    def is_for_marts(node: Mapping[str, Any]) -> bool:
        path = str(node["original_file_path"])
        in_core = path.startswith(CORE) and "/" not in path.removeprefix(CORE)
        return not path.startswith(SHARED) and not in_core and path.endswith(".sql")

    def collect(unique_id: str, found: dict[str, Model]) -> dict[str, Model]:
        node = nodes[unique_id]
        for parent in sorted(node["depends_on"]["nodes"]):
            if parent in nodes and parent not in found and is_for_marts(nodes[parent]):
                collect(parent, found)
        found[unique_id] = Model(node["name"], f"{identifier(node['schema'])}.{identifier(node['name'])}", sql_of(node))
        return found

    return {
        node["name"]: list(collect(unique_id, {}).values())
        for unique_id, node in nodes.items()
        if node["schema"] == "marts"
        and node["config"].get("enabled", True)
        and (node["config"].get("meta") or {}).get("published")
        and is_for_marts(node)
    }


def _compiled(folder: Path, node: Mapping[str, Any]) -> str:
    path = folder / str(node["package_name"]) / str(node["original_file_path"])
    return path.read_text(encoding="utf-8")


def _statements(mart: str) -> list[str]:
    path = BARE / f"{mart}.sql"
    if not path.is_file():
        raise Broken(f"{path.parent.name}/{path.name} is missing: write the bare aggregations of {mart} there")
    return [statement for statement in path.read_text(encoding="utf-8").split(";") if statement.strip()]


def _time(con: duckdb.DuckDBPyConnection, statements: Sequence[str]) -> float:
    """Seconds for all statements together: the median, after one run that fills the caches."""
    taken = []
    for _ in range(REPEATS + 1):
        started = time.perf_counter()
        for number, sql in enumerate(statements):
            con.execute(f"create or replace temp table bench_{number} as {sql}")
        taken.append(time.perf_counter() - started)
    return statistics.median(taken[1:])


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f}" if seconds >= 0.01 else f"{seconds * 1000:.1f}"
