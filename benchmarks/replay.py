"""The demo day by day against one run over all of its extracts: only the names of ids may differ."""

import os
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from queue import SimpleQueue

import duckdb

from benchmarks.forked import Forked
from benchmarks.work import Broken, Work, say
from orchestration import recorded
from orchestration.errors import GateRefused
from orchestration.publish.manifest import read_manifest
from orchestration.settings import PROJECT
from samples.demo import generate

HISTORIES = {f"mart_{name}" for name in recorded.PUBLISHED_HISTORIES}
"""Marts that keep the figures of every run's date; one run has only those of its own."""
MINTED = ("customer_id", "owner_id")
LOAD_DATE = re.compile(r"load_date=(\d{4})-(\d{2})-(\d{2})|_(\d{4})(\d{2})(\d{2})[_.]")

STRETCH_DAYS = 60
"""A longer replay goes in stretches, one for each processor."""

Publish = Callable[[Path, str, str], int]
"""Runs the warehouse in a LIUCUN_HOME for (as_of, known_on), both ISO dates; its exit code."""


def measure(work: Work, days: int, kept: Path | None = None) -> str:
    """Replays ``days`` daily loads of size XS, in a folder that is ``kept`` and continued where a replay was ended.

    Raises:
        Broken: a run did not publish, or the customers or a published table differ in the end.
    """
    stretches = min(os.cpu_count() or 1, max(1, days // STRETCH_DAYS))
    root = kept / f"{days}-days-in-{stretches}" if kept else work.fresh("replay")
    root.mkdir(parents=True, exist_ok=True)
    servers: SimpleQueue[Forked] = SimpleQueue()
    for _ in range(stretches):
        servers.put(Forked())
    environment = {"LIUCUN_THREADS": "1"} if stretches > 1 else {}

    def publish(home: Path, as_of: str, known_on: str) -> int:
        say(f"{home.name}: known on {known_on}")
        arguments = ("run", "--home", home, "--warehouse", root / "company.yml", "--as-of", as_of)
        server = servers.get()
        try:
            return server.run(*arguments, "--known-on", known_on, environment=environment)
        finally:
            servers.put(server)

    try:
        pairs = replay(root, days, publish, stretches)
    finally:
        while not servers.empty():
            servers.get().close()
    if wrong := [f"{daily.parent.name}: {name}" for daily, once in pairs for name in differences(daily, once)]:
        raise Broken(f"{days} daily runs differ from one run in: {', '.join(wrong)}")
    how = f", in {stretches} stretches at once" if stretches > 1 else ""
    return f"{days} daily runs{how} and one over everything end alike, customers and all figures"


def replay(root: Path, days: int, publish: Publish, stretches: int = 1) -> list[tuple[Path, Path]]:
    """Generates size XS in ``root`` and publishes it every day, and elsewhere all of it once.

    Each stretch but the first begins with one run over all that came before it, and each ends with what one run over
    all until then must equal: the warehouses' folders (daily, once) of every stretch. What homes in ``root`` have
    published already is not run again.
    """
    generate(root, "XS", days=days)
    shutil.copy(PROJECT / "warehouses" / "demo.yml", root / "company.yml")
    arrivals = arrivals_of(root / "landing")
    mornings = sorted(arrivals)
    ends = [len(mornings) * number // stretches for number in range(1, stretches + 1)]

    def run(home: Path, known_on: date, *accept: int) -> None:
        code = publish(home, (known_on - timedelta(days=1)).isoformat(), known_on.isoformat())
        if code not in (0, *accept):
            broken = f"the run of {known_on} in {home.name} ended with {code}"
            say(broken)
            raise Broken(broken)

    def once(end: int) -> Path:
        home = root / f"once-{mornings[end - 1]}"
        if _published(home) != mornings[end - 1]:
            for morning in mornings[:end]:
                _arrive(root, home, arrivals[morning])
            run(home, mornings[end - 1])
        return home / "company"

    def daily(begin: int, end: int) -> Path:
        home = root / f"daily-{mornings[end - 1]}"
        if begin and not home.exists():
            beside = home.with_suffix(".new")
            shutil.rmtree(beside, ignore_errors=True)
            shutil.copytree(root / f"once-{mornings[begin - 1]}", beside, symlinks=True)
            beside.rename(home)
        for morning in mornings[begin:end]:
            known_on = _published(home)
            if known_on is None or known_on < morning:
                _arrive(root, home, arrivals[morning])
                # Before its first order has come the company has nothing to publish, and its runs say so.
                run(home, morning, *([] if known_on else [GateRefused.exit_code]))
        return home / "company"

    with ThreadPoolExecutor(stretches) as pool:
        at_once = list(pool.map(once, ends))
        return list(zip(pool.map(daily, [0, *ends[:-1]], ends), at_once, strict=True))


def _published(home: Path) -> date | None:
    """The day up to which the loads of what is current are known, None where nothing is."""
    current = home / "company" / "published" / "current"
    return read_manifest(current).known_on if current.exists() else None


def _arrive(root: Path, home: Path, paths: Iterable[Path]) -> None:
    for path in paths:
        target = home / "company" / "landing" / path.relative_to(root / "landing")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def arrivals_of(landing: Path) -> dict[date, list[Path]]:
    """The extracts by the load date in their path."""
    arrivals: dict[date, list[Path]] = defaultdict(list)
    for path in sorted(landing.rglob("*")):
        if path.is_file():
            found = LOAD_DATE.search(path.as_posix())
            if not found:
                raise Broken(f"{path} carries no load date")
            year, month, day = (int(part) for part in found.groups() if part)
            arrivals[date(year, month, day)].append(path)
    return arrivals


def differences(left: Path, right: Path) -> list[str]:
    """What two warehouses' folders do not have in common: ``customers``, and the names of published tables."""
    wrong = [] if customers(left) == customers(right) else ["customers"]
    ours, theirs = figures(left), figures(right)
    return wrong + sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))


def customers(warehouse: Path) -> set[frozenset[str]]:
    """Every customer as the set of its records."""
    with duckdb.connect(str(warehouse / "private" / "warehouse.duckdb"), read_only=True) as con:
        rows = con.execute("select record_key, customer_id from identity.id_crosswalk").fetchall()
    found: dict[str, set[str]] = defaultdict(set)
    for record, customer in rows:
        found[customer].add(record)
    return {frozenset(records) for records in found.values()}


def figures(warehouse: Path) -> dict[str, list[tuple[str | None, ...]]]:
    """Every published row as text, minted ids replaced by what they stand for, in order."""
    with duckdb.connect() as con:
        con.execute(f"attach '{warehouse / 'private' / 'warehouse.duckdb'}' as warehouse (read_only)")
        con.execute(f"attach '{warehouse / 'published' / 'current' / 'marts.duckdb'}' as published (read_only)")
        con.execute(
            "create table customer_id as select customer_id as id, min(record_key) as name "
            "from warehouse.identity.id_crosswalk group by 1"
        )
        con.execute(
            "create table owner_id as select owner_id as id, owner_key as name from warehouse.identity.id_owner"
        )
        tables: dict[str, list[str]] = defaultdict(list)
        for table, column in con.execute(
            """select table_name, column_name from information_schema.columns
               where table_catalog = 'published' and table_name <> 'run' order by table_name, ordinal_position"""
        ).fetchall():
            # How many ids changed since the run before is about the runs.
            if not column.startswith("changed_id"):
                tables[table].append(column)
        return {
            table: con.execute(
                f"select {', '.join(_named(column) for column in columns)} from published.{table} as t "
                + ("where as_of_date = (select as_of_date from published.run) " if table in HISTORIES else "")
                + "order by all"
            ).fetchall()
            for table, columns in tables.items()
        }


def _named(column: str) -> str:
    if column in MINTED:
        return f"coalesce((select name from {column} where id = t.{column}), t.{column})"
    return f"cast(t.{column} as varchar)"
