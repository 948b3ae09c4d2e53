"""The demo day by day against one run over all of its extracts: only the names of ids may differ."""

import re
import shutil
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks.forked import Forked
from benchmarks.work import Broken, Work, say
from orchestration import recorded
from orchestration.settings import PROJECT
from samples.demo import generate

HISTORIES = {f"mart_{name}" for name in recorded.PUBLISHED_HISTORIES}
"""Marts that keep the figures of every run's date; one run has only those of its own."""
MINTED = ("customer_id", "owner_id")
LOAD_DATE = re.compile(r"load_date=(\d{4})-(\d{2})-(\d{2})|_(\d{4})(\d{2})(\d{2})[_.]")

Publish = Callable[[Path, str, str], None]
"""Runs the warehouse in a LIUCUN_HOME for (as_of, known_on), both ISO dates; it must publish."""


def measure(work: Work, days: int) -> str:
    """Replays ``days`` daily loads of size XS.

    Raises:
        Broken: a run did not publish, or the customers or a published table differ in the end.
    """
    root = work.fresh("replay")
    root.mkdir()
    server = Forked()

    def publish(home: Path, as_of: str, known_on: str) -> None:
        say(f"{home.name}: known on {known_on}")
        warehouse = root / "company.yml"
        arguments = ("run", "--home", home, "--warehouse", warehouse, "--as-of", as_of, "--known-on", known_on)
        if code := server.run(*arguments):
            raise Broken(f"the run of {known_on} ended with {code}")

    started = time.monotonic()
    try:
        daily, once = replay(root, days, publish)
    finally:
        server.close()
    seconds = (time.monotonic() - started) / (days + 1)
    if wrong := differences(daily, once):
        raise Broken(f"{days} daily runs differ from one run in: {', '.join(wrong)}")
    return f"{days} daily runs and one over everything end alike, customers and all figures; {seconds:.1f} s a run"


def replay(root: Path, days: int, publish: Publish) -> tuple[Path, Path]:
    """Generates size XS in ``root`` and publishes it every day, and elsewhere once; the two warehouses' folders."""
    generate(root, "XS", days=days)
    shutil.copy(PROJECT / "warehouses" / "demo.yml", root / "company.yml")
    arrivals = arrivals_of(root / "landing")
    daily, once = root / "daily", root / "once"
    for day in sorted(arrivals):
        for path in arrivals[day]:
            target = daily / "company" / "landing" / path.relative_to(root / "landing")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        publish(daily, (day - timedelta(days=1)).isoformat(), day.isoformat())
    shutil.copytree(root / "landing", once / "company" / "landing")
    last = max(arrivals)
    publish(once, (last - timedelta(days=1)).isoformat(), last.isoformat())
    return daily / "company", once / "company"


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
