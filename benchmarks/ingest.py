"""Rows per second of ingest, from a clean UTF-8 CSV to an accepted load, beside readers that do less."""

import csv
import shutil
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.table import against, table
from benchmarks.work import SAMPLE, Work, say
from orchestration.folders import Folders
from orchestration.ingest.acceptance import accept_all
from orchestration.ingest.hashes import Hashes
from orchestration.ingest.landing import scan
from orchestration.ingest.receive import open_engine, receive
from orchestration.prepare import prepare
from orchestration.settings import Settings
from orchestration.sql import literal
from samples import make_landing

GOAL = 250_000
OBJECT = "transactions"


def measure(work: Work, repeats: int) -> str:
    """The table: medians of ``repeats``."""
    home = work.fresh("ingest")
    settings = Settings.from_environment({}).override(home=home, warehouse=SAMPLE)
    prepared = prepare(settings)
    whole, folders = home / "whole", Folders(home / SAMPLE)
    make_landing(SAMPLE, whole)
    shutil.copytree(whole / SAMPLE / OBJECT, folders.landing / SAMPLE / OBJECT)
    (path,) = folders.landing.rglob("*.csv")
    now = datetime.now(UTC)

    def ingest() -> None:
        hashes = Hashes(folders.private / "hashes.json")
        (load,) = scan(folders.landing, prepared.sources.values(), None, now, hashes=hashes).loads
        spec = prepared.sources[SAMPLE].objects[OBJECT]
        with open_engine(folders.incoming, settings.threads) as engine:
            received = receive(load, spec, folders.incoming, engine=engine)
        accept_all(folders, [received], now)

    def again() -> None:
        for folder in (folders.incoming, folders.raw, folders.private):
            shutil.rmtree(folder, ignore_errors=True)
        folders.private.mkdir(parents=True)

    def bare() -> None:
        target = home / "bare.parquet"
        with duckdb.connect(config={"threads": settings.threads}) as con:
            con.execute(
                f"copy (from read_csv({literal(str(path))}, all_varchar = true)) to {literal(str(target))} "
                "(format parquet, compression zstd)"
            )

    rows = count(path)
    say(f"ingest of {path.name}: {rows:,} rows, {path.stat().st_size / 1e6:.0f} MB, {repeats} times")
    seconds = {
        "Liucun: scan, receive, accept": _median(ingest, repeats, again),
        "Python's csv module, counting": _median(lambda: count(path), repeats),
        "DuckDB, CSV to Parquet, nothing checked": _median(bare, repeats),
    }
    ours = next(iter(seconds.values()))
    lines = [[name, f"{s:.2f}", f"{rows / s:,.0f}", f"{ours / s:.2f}"] for name, s in seconds.items()]
    return (
        table(("what", "seconds", "rows/s", "Liucun takes × its time"), lines)
        + f"\ngoal {GOAL:,} rows/s: {against(rows / ours, GOAL, at_least=True)}"
    )


def count(path: Path) -> int:
    """Records of a CSV file below its header, as Python's csv module counts them."""
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def _median(do: Callable[[], object], repeats: int, before: Callable[[], object] = lambda: None) -> float:
    taken = []
    for _ in range(repeats):
        before()
        started = time.monotonic()
        do()
        taken.append(time.monotonic() - started)
    return statistics.median(taken)
