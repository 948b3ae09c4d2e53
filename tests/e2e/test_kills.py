"""A run may be killed at any point: the next one gives what an undisturbed run gives."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.forked import Forked
from samples.shop import Shop
from tests.e2e.conftest import checksums, tree

POINTS = ["receive", "accept_journal", "fct_order_line", "candidate", "state", "flip"]
"""What lies about differs after each: loads not accepted, half accepted, facts half built, a candidate, a state that no
run has published, a flip."""
OTHERS = ["gate_raw", "register", "gate_customers", "publish"]
"""Points between them. `make bench` kills at random times."""


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
    shop.land_next_day()
    template = folder / "template"
    shutil.copytree(shop.home, template, symlinks=True)
    assert forked.run("run", "--home", shop.home, "--warehouse", shop.warehouse) == 0
    return Prepared(shop, template, checksums(shop.root), data_of(shop.root / "raw"))


def data_of(raw: Path) -> dict[str, str]:
    """The accepted rows, without the clock times that manifests hold."""
    return {name: digest for name, digest in tree(raw).items() if name.endswith("data.parquet")}


@pytest.mark.parametrize("points", [*([point] for point in POINTS), OTHERS], ids=" and ".join)
def test_a_run_killed_after_a_step_and_run_again_ends_as_an_undisturbed_one(
    points: list[str], prepared: Prepared, forked: Forked
) -> None:
    shop = prepared.shop
    shutil.rmtree(shop.home)
    shutil.copytree(prepared.template, shop.home, symlinks=True)
    before = checksums(shop.root)
    arguments = ("run", "--home", shop.home, "--warehouse", shop.warehouse)
    for point in points:
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
