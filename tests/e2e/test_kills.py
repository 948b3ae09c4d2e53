"""A run may be killed at any point: the next one gives what an undisturbed run gives."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.e2e.conftest import checksums, tree
from benchmarks.forked import Forked
from samples.shop import CUSTOMER_COLUMNS, FIRST_DAY, LINE_COLUMNS, ORDER_COLUMNS, Shop

NEXT_DAY = FIRST_DAY + timedelta(days=1)
POINTS = [
    "receive",
    "gate_raw",
    "accept_journal",
    "register",
    "fct_order_line",
    "gate_customers",
    "candidate",
    "publish",
    "state",
    "flip",
]


@pytest.fixture(scope="module")
def forked() -> Iterator[Forked]:
    parent = Forked()
    yield parent
    parent.close()


@dataclass(frozen=True)
class Prepared:
    """A shop with a published day, the next day's extracts in landing, and what an undisturbed run makes of them."""

    shop: Shop
    template: Path
    undisturbed: dict[str, object]
    raw: dict[str, str]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, forked: Forked) -> Prepared:
    folder = tmp_path_factory.mktemp("kills")
    shop = Shop(folder)
    shop.land()
    assert forked.run("run", "--home", shop.home, "--warehouse", shop.warehouse) == 0
    next_day(shop)
    template = folder / "template"
    shutil.copytree(shop.home, template, symlinks=True)
    assert forked.run("run", "--home", shop.home, "--warehouse", shop.warehouse) == 0
    return Prepared(shop, template, checksums(shop.root), data_of(shop.root / "raw"))


def next_day(shop: Shop) -> None:
    """New, changed, returned and deleted orders, a customer who turns out to be another one."""
    shop.order(300, "0001", NEXT_DAY)
    shop.order(301, "0002", NEXT_DAY - timedelta(days=20), amount="99.00")
    changed = [{**shop.orders[5], "status": "cancelled"}, {**shop.orders[6], "is_deleted": "true"}, *shop.orders[-2:]]
    shop.write("orders", changed, ORDER_COLUMNS, NEXT_DAY)
    shop.lines[14] = {**shop.lines[14], "net_amount": "1.00"}
    returned = {**shop.lines[20], "order_id": "O300", "line_no": 9, "is_return": "true", "original_order_id": "O10"}
    lines = [*shop.lines[14:16], returned, *shop.lines[-4:]]
    shop.write("order_lines", lines, LINE_COLUMNS, NEXT_DAY)
    merged = {**shop.customers[20], "merged_into_id": "0021", "modified_at": "2025-03-31T00:00:00Z"}
    shop.write("customers", [merged], CUSTOMER_COLUMNS, NEXT_DAY)


def data_of(raw: Path) -> dict[str, str]:
    """The accepted rows, without the clock times that manifests hold."""
    return {name: digest for name, digest in tree(raw).items() if name.endswith("data.parquet")}


@pytest.mark.parametrize("point", POINTS)
def test_a_run_killed_after_a_step_and_run_again_ends_as_an_undisturbed_one(
    point: str, prepared: Prepared, forked: Forked
) -> None:
    shop = prepared.shop
    shutil.rmtree(shop.home)
    shutil.copytree(prepared.template, shop.home, symlinks=True)
    before = checksums(shop.root)
    arguments = ("run", "--home", shop.home, "--warehouse", shop.warehouse)
    assert forked.run(*arguments, environment={"LIUCUN_KILL_AFTER": point}) == -9
    if point != "flip":
        assert checksums(shop.root) == before
    assert forked.run(*arguments) == 0
    assert checksums(shop.root) == prepared.undisturbed
    assert data_of(shop.root / "raw") == prepared.raw
    assert not any((shop.root / "incoming").iterdir())


def test_of_two_runs_at_once_one_goes_on_and_the_other_exits_with_4(prepared: Prepared, forked: Forked) -> None:
    shop = prepared.shop
    arguments = ("run", "--home", shop.home, "--warehouse", shop.warehouse)
    children = [forked.start(*arguments) for _ in range(2)]
    assert sorted(forked.wait(child) for child in children) == [0, 4]
