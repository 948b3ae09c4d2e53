"""Liucun's own identity models on records that are staged already, in a process of its own.

`python -m benchmarks.identity.liucun CUSTOMERS HOME OUT [REGISTRY]` makes or reuses the warehouse folder HOME, puts
CUSTOMERS (Parquet with staging's columns) in place of the staged customers, leaves every other staged relation empty,
builds what id_crosswalk needs of the identity models, and writes the crosswalk to OUT. REGISTRY is the crosswalk of an
earlier day: the ids in force before. Prints one line of JSON.
"""

import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.work import Broken
from orchestration.dbt import CANONICAL, Dbt, dbt_variables, write_sources
from orchestration.folders import Folders
from orchestration.ingest.contract import load_source
from orchestration.match_models import read_models
from orchestration.settings import PROJECT, QUIET, set_environment
from orchestration.sql import literal
from orchestration.warehouse import Warehouse

GOAL = "id_crosswalk"
THREADS = 2
_MODEL = "model.liucun."


@dataclass(frozen=True)
class Built:
    """A build of the identity models; ``nodes`` are the seconds of each, the slowest first."""

    crosswalk: Path
    seconds: float
    cpu_seconds: float
    peak_memory_mib: int
    parse_seconds: float
    nodes: tuple[tuple[str, float], ...]


def liucun_crosswalk(customers: Path, home: Path, out: Path, registry: Path | None = None) -> Built:
    """Customer ids of all records, by the identity models as they are: ``out`` gets ``record_key, customer_id``.

    Args:
        customers: Parquet with the columns of ``stg_canonical__customers``.
        home: folder of the warehouse; where it exists, the next day is built in it, on what the day before left.
        out: Parquet to write.
        registry: crosswalk of the day before, whose ids are in force.

    Raises:
        Broken: the build failed; the message has its last lines.
    """
    arguments = [str(path) for path in (customers, home, out, registry) if path is not None]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.identity.liucun", *arguments], cwd=PROJECT, capture_output=True, text=True
    )
    if done.returncode:
        raise Broken("\n".join((done.stdout + done.stderr).splitlines()[-12:]))
    measured = json.loads(done.stdout.splitlines()[-1])
    nodes = tuple((str(name), float(seconds)) for name, seconds in measured.pop("nodes"))
    return Built(crosswalk=out, nodes=nodes, **measured)


def build(
    customers: Path, home: Path, out: Path, registry: Path | None = None, *, full_refresh: bool = False
) -> dict[str, Any]:
    """What ``liucun_crosswalk`` runs in a process of its own; returns the measures of ``Built``."""
    set_environment({**QUIET, "LIUCUN_THREADS": str(THREADS)})
    dbt = _project(home)
    started = time.monotonic()
    manifest = dbt.parse()
    parse_seconds = time.monotonic() - started
    names = wanted(manifest)
    _stage(dbt.folders, manifest, names, customers, registry)
    _forget_peak()
    started, cpu = time.monotonic(), _cpu()
    results = dbt.build(names, full_refresh)
    seconds, cpu = time.monotonic() - started, _cpu() - cpu
    peak = _peak()
    with duckdb.connect(str(dbt.folders.warehouse_file), read_only=True) as con:
        con.execute(f"copy (from identity.{GOAL} order by record_key) to '{out}'")
    nodes = sorted(((r.unique_id.split(".")[-1], r.seconds) for r in results), key=lambda node: -node[1])
    return {
        "seconds": seconds, "cpu_seconds": cpu, "peak_memory_mib": peak, "parse_seconds": parse_seconds, "nodes": nodes,
    }  # fmt: skip


def wanted(manifest: Mapping[str, Any]) -> list[str]:
    """Names of the crosswalk, and of the identity models and seeds that it needs."""
    found: set[str] = set()
    left = [_MODEL + GOAL]
    while left:
        node = left.pop()
        is_ours = node.startswith("seed.") or manifest["nodes"].get(node, {}).get("schema") == "identity"
        if node not in found and is_ours:
            found.add(node)
            left += manifest["nodes"][node]["depends_on"].get("nodes", [])
    return sorted(str(manifest["nodes"][node]["name"]) for node in found)


def _project(home: Path) -> Dbt:
    """The dbt project, copied, for a warehouse of the canonical source alone."""
    project = home / "dbt_project"
    if not project.exists():
        shutil.copytree(PROJECT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    sources = {CANONICAL: load_source(PROJECT / "sources" / f"{CANONICAL}.yml")}
    write_sources(project, sources)
    for unused in (project / "models" / "staging").iterdir():
        if unused.name not in (CANONICAL, "state", "ledger"):
            shutil.rmtree(unused)
    return Dbt(project, Folders(home / "people"), dbt_variables(Warehouse(sources=(CANONICAL,)), sources, project))


def _stage(
    folders: Folders, manifest: Mapping[str, Any], names: list[str], customers: Path, registry: Path | None
) -> None:
    """Makes every relation that the named nodes read and do not build: customers, ids, models, and empty ones."""
    read = {
        parent
        for node in manifest["nodes"].values()
        if node["name"] in names
        for parent in node["depends_on"].get("nodes", [])
        if parent.startswith(_MODEL) and manifest["nodes"][parent]["name"] not in names
    }
    filled = {"stg_canonical__customers": f"from '{customers}'", **_models(folders)}
    if registry is not None:
        filled["stg_state__customer_ids"] = f"""
            select *, max(cast(substr(customer_id, 2) as bigint)) over () as highest_number from '{registry}'
        """
        filled["stg_state__customer_id_history"] = f"select *, cast(1 as bigint) as run_number from '{registry}'"
    with duckdb.connect(str(folders.warehouse_file)) as con:
        for parent in sorted(read):
            node = manifest["nodes"][parent]
            columns = [(c["name"], c["data_type"]) for c in node["columns"].values()]
            relation = f"{node['schema']}.{node['name']}"
            con.execute(f"create schema if not exists {node['schema']}")
            con.execute(f"create or replace table {relation} ({', '.join(' '.join(column) for column in columns)})")
            if node["name"] in filled:
                con.execute(f"insert into {relation} by name {filled[node['name']]}")


def _models(folders: Folders) -> dict[str, str]:
    """SQL for the matching models that the project ships."""
    texts = read_models(folders)
    rows = ", ".join(f"({literal(party)}, {literal(text)})" for party, text in texts.items())
    return {
        "stg_ledger__match_models": f"""
            select party, model, md5(model) as model_hash from (values {rows}) as models(party, model)
        """
    }


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _forget_peak() -> None:
    """Lets the peak of memory count from here, where the system can; else it counts from the start."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def _peak() -> int:
    """Peak of resident memory in MiB."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) // 1024
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Builds by the command line's paths."""
    paths = [Path(argument) for argument in sys.argv[1:]]
    print(json.dumps(build(*paths)))


if __name__ == "__main__":
    main()
