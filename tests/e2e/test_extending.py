"""What the documentation tells a newcomer works: a first hand-over, a new source, a new model, a new expectation."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from samples.shop import CUSTOMER_COLUMNS, FIRST_DAY, LINE_COLUMNS, ORDER_COLUMNS, Shop, text_of
from tests.e2e.command import Home
from tests.e2e.conftest import tree

ROOT = Path(__file__).parents[2]
PROJECT = ["orchestration", "data_quality", "customer_models", "samples", "dbt_project", "sources", "warehouses"]
BLOCK = re.compile(r"^```(?P<kind>yaml|csv)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(page: Path, start: str, end: str, kind: str) -> list[str]:
    """The code blocks of a kind between two headings."""
    section = page.read_text(encoding="utf-8").split(start, 1)[1].split(end, 1)[0]
    return [block["text"] for block in BLOCK.finditer(section) if block["kind"] == kind]


@pytest.mark.parametrize(
    ("page", "start", "end", "extract_count", "line_count"),
    [
        ("docs/sources/canonical.md", "## A first hand-over", "## Folder, name", 3, 3),
        ("CONTRIBUTING.md", "## Run it on data of your own", "## Add a source", 2, 0),
    ],
)
def test_the_first_hand_over_of_a_page_runs_as_it_is_written(
    page: str, start: str, end: str, extract_count: int, line_count: int, tmp_path: Path
) -> None:
    (yaml,) = blocks(ROOT / page, start, end, "yaml")
    extracts = blocks(ROOT / page, start, end, "csv")
    assert len(extracts) == extract_count
    warehouse = tmp_path / "mine.yml"
    warehouse.write_text(yaml, encoding="utf-8")
    home = Home(tmp_path / "var", warehouse)
    for name, text in zip(("customers", "orders", "order_lines"), extracts, strict=False):
        path = home.root / "landing" / "canonical" / name / "load_date=2025-11-01" / f"{name}.csv"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    result = home("run")
    assert result.code == 0, result.err
    purchases = "select count(*), sum(order_count), cast(sum(net_amount) as varchar) from marts.mart_customer_purchase"
    assert home.query(purchases) == [(2, 2, "2568.50")]
    received = "select sum(received_count) from marts.mart_reconciliation where object = 'canonical.order_lines'"
    assert (home.query(received)[0][0] or 0) == line_count


@dataclass(frozen=True)
class Extended:
    """A copy of the project to which a newcomer has added a source, a model and an expectation."""

    project: Path
    home: Home
    printed: str
    touched: list[str]
    """Files of the project that are not what they were."""


def liucun(project: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """Runs the command line of a copy."""
    environment = {**os.environ, "PYTHONPATH": str(project)}
    command = [sys.executable, "-m", "orchestration.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Extended:
    folder = tmp_path_factory.mktemp("extending")
    project = folder / "project"
    for name in PROJECT:
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__", "target"))
    printed, before = "", tree(project)
    for arguments in (("new-source", "shopify"), ("new-model", "mart_visit_gap", "--domain", "operations")):
        done = liucun(project, *arguments)
        assert done.returncode == 0, done.stderr
        printed += done.stdout
    (expectation,) = blocks(ROOT / "CONTRIBUTING.md", "## Add an expectation", "## Python", "yaml")
    suite = expectation.replace("canonical.", "shopify.")
    (project / "data_quality" / "suites" / "raw" / "shopify.yml").write_text(suite, encoding="utf-8")

    warehouse = folder / "both.yml"
    warehouse.write_text(
        "sources: [canonical, shopify]\nextract_lag_days: 0\nrequired_objects: [shopify.orders]\n", encoding="utf-8"
    )
    home = Home(folder / "home", warehouse)
    shop = Shop(folder)
    files = (("customers", shop.customers, CUSTOMER_COLUMNS), ("orders", shop.orders, ORDER_COLUMNS),
             ("order_lines", shop.lines, LINE_COLUMNS))  # fmt: skip
    for name, rows, columns in files:
        path = home.root / "landing" / "shopify" / name / f"load_date={FIRST_DAY}" / f"{name}.csv"
        path.parent.mkdir(parents=True)
        path.write_text(text_of(rows, columns), encoding="utf-8")
    done = liucun(project, "run", "--warehouse", warehouse, "--home", home.home)
    assert done.returncode == 0, done.stderr
    after = tree(project)
    touched = [name for name, digest in before.items() if after.get(name) != digest and "__pycache__" not in name]
    return Extended(project, home, printed + done.stdout, touched)


def test_the_commands_say_which_files_they_wrote(extended: Extended) -> None:
    written = [line for line in extended.printed.splitlines() if (extended.project / line).is_file()]
    assert "sources/shopify.yml" in written
    assert "dbt_project/models/staging/shopify/stg_shopify__orders.sql" in written
    assert "dbt_project/models/marts/operations/mart_visit_gap.sql" in written


def test_a_new_source_reaches_the_marts_without_another_file_being_touched(extended: Extended) -> None:
    orders = """select order_count, customer_order_count, unexplained_count from marts.mart_reconciliation
                where object = 'shopify.orders'"""
    assert extended.home.query(orders) == [(300, 300, 0)]
    filled = "select distinct source from marts.mart_data_completeness order by 1"
    assert extended.home.query(filled) == [("all",), ("shopify",)]
    assert extended.touched == []


def test_a_new_model_is_published_with_its_descriptions(extended: Extended) -> None:
    rows = "select count(*), sum(purchase_day_count) from marts.mart_visit_gap"
    same = "select count(*), sum(purchase_day_count) from marts.mart_customer_purchase"
    assert extended.home.query(rows) == extended.home.query(same) != [(0, None)]
    told = "select column_name, label_zh from marts.mart_data_dictionary where table_name = 'mart_visit_gap' order by 1"
    assert extended.home.query(told) == [("customer_id", "客户编号"), ("purchase_day_count", "购买天数")]
    parquet = extended.home.root / "published" / "current" / "parquet" / "mart_visit_gap.parquet"
    assert parquet.is_file()


def test_a_new_expectation_refuses_an_extract_that_breaks_it(extended: Extended, tmp_path: Path) -> None:
    home = extended.home.copy(tmp_path / "home")
    shop = Shop(tmp_path, "unused")
    rows = [{**row, "channel": "" if number % 20 == 0 else row["channel"]} for number, row in enumerate(shop.orders)]
    path = home.root / "landing" / "shopify" / "orders" / f"load_date={FIRST_DAY}" / "orders.csv"
    path.write_text(text_of(rows, ORDER_COLUMNS), encoding="utf-8")
    done = liucun(extended.project, "run", "--warehouse", home.warehouse, "--home", home.home)
    assert done.returncode == 2, done.stderr
    assert "raw/orders_channel (critical)" in done.stderr
    assert "Figures by channel need the channel" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
