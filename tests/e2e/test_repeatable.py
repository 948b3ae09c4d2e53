"""The same loads, dates, decisions and parent state give the same tables, whatever happened in between."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.replay import HISTORIES
from samples.shop import CUSTOMER_COLUMNS, FIRST_DAY, LINE_COLUMNS, ORDER_COLUMNS, Shop
from tests.e2e.command import Home
from tests.e2e.conftest import checksums, tree

NEXT_DAY = FIRST_DAY + timedelta(days=1)
LATE_ON = NEXT_DAY - timedelta(days=20)


@dataclass(frozen=True)
class Two:
    """A shop after its first day, after its second, and what was published then."""

    folder: Path
    landing: Path
    after_first: Home
    after_second: Home
    first: dict[str, object]
    second: dict[str, object]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Two:
    folder = tmp_path_factory.mktemp("two")
    shop = Shop(folder)
    shop.land()
    home = Home.of(shop)
    first = home.published(LIUCUN_THREADS="2")
    land_next_day(shop)
    after_first = home.copy(folder / "after_first")
    second = home.published(LIUCUN_THREADS="2")
    assert second != first
    return Two(folder, shop.landing, after_first, home, first, second)


@pytest.fixture
def copied(two: Two, tmp_path: Path) -> Callable[[Home], Home]:
    """A home of its own for a test that changes it; taken away afterwards by pytest."""
    return lambda home: home.copy(tmp_path / "copy")


def land_next_day(shop: Shop) -> None:
    """A new order and a late one, a cancelled and a deleted one, a changed line, a merged customer."""
    shop.order(300, "0001", NEXT_DAY)
    shop.order(301, "0002", LATE_ON, amount="99.00")
    changed = [{**shop.orders[5], "status": "cancelled"}, {**shop.orders[6], "is_deleted": "true"}, *shop.orders[-2:]]
    shop.write("orders", changed, ORDER_COLUMNS, NEXT_DAY)
    shop.write("order_lines", [{**shop.lines[14], "net_amount": "1.00"}, *shop.lines[-4:]], LINE_COLUMNS, NEXT_DAY)
    merged = {**shop.customers[20], "merged_into_id": "0021", "modified_at": "2025-03-31T00:00:00Z"}
    shop.write("customers", [merged], CUSTOMER_COLUMNS, NEXT_DAY)


def fresh(two: Two, to: Path, *days: object) -> Home:
    """A warehouse that has never run, with the landing files of some days."""
    home = Home(to, two.after_second.warehouse)
    for source in two.landing.glob("*/*/load_date=*"):
        if source.name.removeprefix("load_date=") in {str(day) for day in days}:
            shutil.copytree(source, home.root / "landing" / source.relative_to(two.landing))
    return home


def kept_runs(home: Home) -> set[str]:
    return {folder.name for folder in (home.root / "published" / "runs").iterdir()}


def load_of(home: Home, name: str) -> str:
    """The load id of an object's newest load."""
    manifests = [json.loads(path.read_text()) for path in (home.root / "raw").glob(f"canonical/{name}/*/manifest.json")]
    return max(manifests, key=lambda manifest: manifest["load_date"])["load_id"]


def test_one_thread_gives_the_tables_that_two_threads_give(two: Two, copied: Callable[[Home], Home]) -> None:
    assert copied(two.after_first).published(LIUCUN_THREADS="1") == two.second


def test_without_its_private_folder_the_warehouse_gives_the_same_tables(
    two: Two, copied: Callable[[Home], Home]
) -> None:
    home = copied(two.after_second)
    exports = tree(home.root / "private" / "exports")
    assert list(exports) == ["canonical/customer_scores.csv"]
    shutil.rmtree(home.root / "private")
    assert home.published() == two.second
    assert tree(home.root / "private" / "exports") == exports


def test_an_earlier_date_shows_what_was_known_then_and_leaves_what_is_current(
    two: Two, copied: Callable[[Home], Home]
) -> None:
    home = copied(two.after_second)
    current, state = (home.root / "published" / "current").readlink(), tree(home.root / "state")
    exports = tree(home.root / "private" / "exports")
    before = kept_runs(home)
    result = home("run", "--as-of", FIRST_DAY)
    assert result.code == 0, result.err
    (shown,) = kept_runs(home) - before
    assert checksums(home.root, shown) == two.first
    assert (home.root / "published" / "current").readlink() == current
    assert checksums(home.root) == two.second
    assert tree(home.root / "state") == state
    assert tree(home.root / "private" / "exports") == exports
    assert json.loads((home.root / "published" / "status.json").read_text())["result"] == "earlier_date"
    assert home.published() == two.second


def test_an_earlier_date_with_what_is_known_now_counts_the_late_order_and_not_the_later_one(
    two: Two, copied: Callable[[Home], Home], tmp_path: Path
) -> None:
    home, new = copied(two.after_second), fresh(two, tmp_path / "fresh", FIRST_DAY, NEXT_DAY)
    before = kept_runs(home)
    dates = ("--as-of", FIRST_DAY, "--known-on", NEXT_DAY)
    result = home("run", *dates)
    assert result.code == 0, result.err
    (shown,) = kept_runs(home) - before
    assert checksums(home.root) == two.second
    late = f"""select numerator from marts.mart_kpi_daily
               where date_on = '{LATE_ON}' and metric = 'net_sales_amount' and segment_type = 'all'"""
    assert home.query(late, shown) == home.query(late) != two.after_first.query(late)
    orders = "select sum(order_count) from marts.mart_customer_purchase"
    # 300 orders, one of them late, without the cancelled and the deleted; the order of the next day is not there yet.
    assert (home.query(orders), home.query(orders, shown)) == ([(300,)], [(299,)])
    new.published(*dates)
    assert figures(home, shown) == figures(new, "current")


def figures(home: Home, run: str) -> dict[str, list[tuple]]:  # type: ignore[type-arg]
    """Every published table, but for the numbers of customers: another state chain, other numbers and other changes."""
    kept = "columns(lambda c: c not in ('customer_id', 'changed_id_count', 'changed_id_rate'))"
    return {
        name: home.query(f"select {kept} from marts.{name} order by all", run) for name in checksums(home.root, run)
    }


def test_a_refused_load_that_is_discarded_leaves_what_a_warehouse_without_it_gives(two: Two, tmp_path: Path) -> None:
    home = fresh(two, tmp_path / "fresh", FIRST_DAY)
    bad = home.root / "landing" / "canonical" / "orders" / f"load_date={NEXT_DAY}" / "orders.csv"
    bad.parent.mkdir()
    bad.write_text("<!DOCTYPE html>\n", encoding="utf-8")
    refused = home("run")
    assert refused.code == 2
    assert not (home.root / "published" / "current").exists()
    (load,) = (home.root / "quarantine").iterdir()
    assert home("discard", load.name, "--because", "a login page").code == 0
    assert home.published() == two.first


def test_an_accepted_load_that_is_discarded_leaves_what_a_warehouse_without_it_gives(
    two: Two, copied: Callable[[Home], Home], tmp_path: Path
) -> None:
    home, never = copied(two.after_second), two.after_first.copy(tmp_path / "never")
    assert home("discard", load_of(home, "orders"), "--because", "wrong system").code == 0
    shutil.rmtree(never.root / "landing" / "canonical" / "orders" / f"load_date={NEXT_DAY}")
    with_it_gone = home.published()
    assert with_it_gone != two.second
    assert with_it_gone == never.published()


def test_what_was_rolled_back_waits_for_again_and_then_comes_back_the_same(
    two: Two, copied: Callable[[Home], Home]
) -> None:
    home = copied(two.after_second)
    scores = home.root / "private" / "exports" / "canonical" / "customer_scores.csv"
    written = scores.read_bytes()
    assert home("rollback", "--because", "the KPI looks odd").code == 0
    assert checksums(home.root) == two.first
    assert not scores.exists()
    status = json.loads((home.root / "published" / "status.json").read_text())
    shown = json.loads((home.root / "published" / "current" / "manifest.json").read_text())["run_id"]
    assert (status["current"]["run_id"], status["is_stale"], "looks odd" in status["reason"]) == (shown, True, True)
    assert f"current       run {shown}" in home("status").out
    runs = kept_runs(home)
    plain = home("run")
    assert plain.code == 0
    assert kept_runs(home) == runs
    assert checksums(home.root) == two.first
    status = json.loads((home.root / "published" / "status.json").read_text())
    assert (status["result"], status["is_stale"]) == ("withdrawn", True)
    assert "--again" in status["reason"]
    assert home.published("--again") == two.second
    assert scores.read_bytes() == written
    ids = "select customer_id, name_masked, record_count from marts.dim_customer order by all"
    assert home.query(ids) == two.after_second.query(ids)
    assert checksums(home.root).keys() > HISTORIES
