"""A month of daily runs ends where one run over all of its extracts ends; only the names of ids may differ."""

import re
import shutil
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from samples.demo import generate
from tests.e2e.command import HISTORIES, Home

ROOT = Path(__file__).parents[2]
DAYS = 30
MINTED = {"customer_id", "owner_id"}
LOAD_DATE = re.compile(r"load_date=(\d{4})-(\d{2})-(\d{2})|_(\d{4})(\d{2})(\d{2})\.")


def load_date(path: Path) -> date:
    found = LOAD_DATE.search(path.as_posix())
    assert found, path
    return date(*(int(part) for part in found.groups() if part))


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("replay")
    generate(root, "XS", days=DAYS)
    shutil.copy(ROOT / "warehouses" / "demo.yml", root / "company.yml")
    return root


@pytest.fixture(scope="module")
def at_once(extracts: Path) -> Home:
    home = Home(extracts / "once", extracts / "company.yml")
    shutil.copytree(extracts / "landing", home.root / "landing")
    home.published()
    return home


@pytest.fixture(scope="module")
def day_by_day(extracts: Path) -> Home:
    """Every morning the files of that day arrive, and a run publishes."""
    home = Home(extracts / "daily", extracts / "company.yml")
    arrivals = defaultdict(list)
    for path in sorted((extracts / "landing").rglob("*")):
        if path.is_file():
            arrivals[load_date(path)].append(path)
    assert len(arrivals) == DAYS
    for day in sorted(arrivals):
        for path in arrivals[day]:
            target = home.root / "landing" / path.relative_to(extracts / "landing")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        home.published("--as-of", day - timedelta(days=1), "--known-on", day)
    return home


def customers(home: Home) -> set[frozenset[str]]:
    """Every customer as the set of its records."""
    with duckdb.connect(str(home.root / "private" / "warehouse.duckdb"), read_only=True) as con:
        rows = con.execute("select record_key, customer_id from identity.id_crosswalk").fetchall()
    found = defaultdict(set)
    for record, customer in rows:
        found[customer].add(record)
    return {frozenset(records) for records in found.values()}


def figures(home: Home) -> dict[str, list[tuple[str, ...]]]:
    """Every published row as text, minted ids replaced by what they stand for, in order."""
    with duckdb.connect() as con:
        con.execute(f"attach '{home.root / 'private' / 'warehouse.duckdb'}' as warehouse (read_only)")
        con.execute(f"attach '{home.root / 'published' / 'current' / 'marts.duckdb'}' as published (read_only)")
        con.execute(
            "create view customer_id as select customer_id as id, min(record_key) as name "
            "from warehouse.identity.id_crosswalk group by 1"
        )
        con.execute("create view owner_id as select owner_id as id, owner_key as name from warehouse.identity.id_owner")
        tables: dict[str, list[str]] = defaultdict(list)
        for table, column in con.execute(
            """select table_name, column_name from information_schema.columns
               where table_catalog = 'published' and table_name <> 'run' order by table_name, ordinal_position"""
        ).fetchall():
            tables[table].append(column)
        found = {}
        for table, columns in tables.items():
            kept = [c for c in columns if not c.startswith("changed_id")]
            named = [
                f"coalesce((select name from {c} where id = t.{c}), t.{c})"
                if c in MINTED
                else f"cast(t.{c} as varchar)"
                for c in kept
            ]
            # Histories keep the figures of every run's date; the one run has only its own.
            last = "where as_of_date = (select max(as_of_date) from published.run)" if table in HISTORIES else ""
            found[table] = con.execute(
                f"select {', '.join(named)} from published.{table} as t {last} order by all"
            ).fetchall()
    return found


def test_a_month_day_by_day_finds_the_customers_that_one_run_finds(day_by_day: Home, at_once: Home) -> None:
    assert customers(day_by_day) == customers(at_once)


def test_a_month_day_by_day_publishes_the_figures_that_one_run_publishes(day_by_day: Home, at_once: Home) -> None:
    daily, once = figures(day_by_day), figures(at_once)
    assert daily.keys() == once.keys()
    different = {name: sum(a != b for a, b in zip(daily[name], once[name], strict=False)) for name in daily
                 if daily[name] != once[name]}  # fmt: skip
    assert different == {}


def test_a_customer_keeps_its_id_through_the_month(day_by_day: Home) -> None:
    """Ids of the first morning's records are still theirs, except where a merge took one of two."""
    with duckdb.connect(str(day_by_day.root / "private" / "warehouse.duckdb"), read_only=True) as con:
        kept, known = con.execute(
            """with first as (
                   select record_key, customer_id from state.customer_ids where _run_number = 1
               )
               select count(*) filter (now.customer_id = first.customer_id), count(*)
               from first inner join identity.id_crosswalk as now on first.record_key = now.record_key"""
        ).fetchall()[0]
    assert known > 300
    assert kept / known > 0.98
