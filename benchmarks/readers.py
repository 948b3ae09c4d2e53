"""Readers in other processes while run after run is published: how many reads failed, how many were torn."""

import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.table import table
from benchmarks.work import SAMPLE, Broken, Work, command, say
from orchestration.folders import Folders
from orchestration.publish.allow_list import PublishedTable, published_tables
from orchestration.publish.candidate import RunRow, build_candidate
from orchestration.publish.manifest import Manifest, read_manifest, write_manifest
from orchestration.publish.pointer import flip
from orchestration.publish.runs import prune, publish, staging_directory
from orchestration.publish.state import StateRun, write_state
from orchestration.settings import PROJECT

READERS = 3
EARLIER = date(2017, 11, 30)
"""A second day of the sample, so that neighbouring runs differ."""


@dataclass(frozen=True)
class Source:
    """A private warehouse as a run left it, and that run's dates."""

    warehouse: Path
    as_of_date: date
    known_on: date


def measure(work: Work, flips: int) -> str:
    """The table; the folder that is read is published to as the daily job does it, old runs pruned.

    Raises:
        Broken: a read failed or was torn.
    """
    folder = work.fresh("readers")
    folder.mkdir()
    settings, sample = work.sample(), work.sample_folders()
    tables = published_tables(json.loads((sample.dbt_target / "manifest.json").read_text(encoding="utf-8")))
    known_on = read_manifest(sample.published / "current").known_on
    sources = []
    for as_of in (EARLIER, known_on):
        say(f"a run as of {as_of}")
        command("run", "--home", settings.home, "--warehouse", SAMPLE, "--as-of", as_of, "--known-on", known_on)
        warehouse = folder / f"{as_of}" / "warehouse.duckdb"
        warehouse.parent.mkdir()
        shutil.copy(sample.warehouse_file, warehouse)
        sources.append(Source(warehouse, as_of, known_on))
    target = Folders(folder / "warehouse")
    say(f"{flips} flips, {READERS} readers")
    started = time.monotonic()
    _publish(target, 0, sources[0], tables, settings.threads)
    stop = folder / "stop"
    program = [sys.executable, "-m", "benchmarks.reader", str(target.published), str(stop)]
    processes = [
        subprocess.Popen(program, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(READERS)
    ]
    try:
        reads: list[list[str]] = [[_line(process)] for process in processes]
        for number in range(1, flips + 1):
            _publish(target, number, sources[number % 2], tables, settings.threads)
            # Keeps the flips from running away from a slow reader.
            reads[number % READERS].append(_line(processes[number % READERS]))
        stop.touch()
        for process, lines in zip(processes, reads, strict=True):
            output, errors = process.communicate(timeout=120)
            lines += output.splitlines()
            if process.returncode:
                raise Broken(f"a reader ended with {process.returncode}: {errors[-2000:]}")
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.wait()
    return report([[json.loads(line) for line in lines] for lines in reads], flips, time.monotonic() - started)


def report(reads: list[list[dict[str, Any]]], flips: int, seconds: float) -> str:
    """The table of what each reader saw.

    Raises:
        Broken: a read failed, was torn, or saw an older run than the read before.
    """
    rows, problems = [], []
    for number, lines in enumerate(reads, 1):
        errors = [line["error"] for line in lines if line["error"]]
        torn = [line for line in lines if line["torn"]]
        seen = [line["run"] for line in lines if line["run"]]
        back = sum(later < earlier for earlier, later in pairwise(seen))
        rows.append([str(number), *(str(n) for n in (len(lines), len(set(seen)), len(errors), len(torn), back))])
        problems += [f"{count} × {error}" for error, count in Counter(errors).items()]
        problems += [f"{line['run']}: torn {', '.join(line['torn'])}" for line in torn]
        problems += ["a reader went back to an older run"] if back else []
    text = table(("reader", "reads", "runs seen", "errors", "torn", "went back"), rows)
    text += f"\n{flips} flips in {seconds:.0f} s; a read compares every table's checksum, in the file and in Parquet"
    if problems:
        raise Broken("\n".join([text, *problems[:10]]))
    return text


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise Broken(f"a reader ended: {process.communicate()[1][-2000:]}")
    return line


def _publish(folders: Folders, number: int, source: Source, tables: tuple[PublishedTable, ...], threads: int) -> None:
    """Publishes one run; their ids are in order."""
    made = datetime(2018, 1, 1, tzinfo=UTC) + timedelta(minutes=number)

    def name(at: int) -> str:
        return f"20180101T{at:06}Z-0000"

    run_id, parent = name(number), name(number - 1) if number else None
    staging = staging_directory(folders, run_id)
    row = RunRow(run_id, source.as_of_date, source.known_on)
    checksums = build_candidate(source.warehouse, tables, staging, row, threads)
    manifest = Manifest(
        run_id=run_id,
        parent=parent,
        kind="daily",
        as_of_date=source.as_of_date,
        known_on=source.known_on,
        created_at=made,
        versions={},
        loads=({"load_id": run_id},),
        tables=checksums,
    )
    write_manifest(staging, manifest)
    publish(folders, staging, run_id)
    write_state(folders, StateRun(run_id, parent, source.as_of_date, number + 1), {})
    flip(folders, run_id)
    prune(folders)
