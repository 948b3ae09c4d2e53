"""Daily runs end where one run over all of their extracts ends; only the names of ids may differ."""

from pathlib import Path

import duckdb
import pytest

from benchmarks.replay import customers, differences, figures, replay
from orchestration.ingest import raw_files
from tests.e2e.command import Home

DAYS = 30
"""Daily loads with deletions, corrections, late and re-sent files, an undeclared column. `make bench` replays up to
731. The file comes early in the alphabet: it takes longest, and the other process works."""


@pytest.fixture(scope="module")
def warehouses(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("replay")

    def publish(home: Path, as_of: str, known_on: str) -> int:
        Home(home, root / "company.yml").published("--as-of", as_of, "--known-on", known_on)
        return 0

    with pytest.MonkeyPatch.context() as patch:
        # As in a warehouse of some months: a part of the loads is read from a copy, and the copy is made again.
        patch.setattr(raw_files, "ENOUGH", 12)
        patch.setattr(raw_files, "RECENT", 2)
        return replay(root, DAYS, publish)[0]


def test_day_by_day_ends_with_the_customers_and_the_figures_of_one_run(warehouses: tuple[Path, Path]) -> None:
    assert len(customers(warehouses[0])) > 250
    assert len(figures(warehouses[0])) > 20
    assert differences(*warehouses) == []


def test_a_customer_keeps_its_id_from_day_to_day(warehouses: tuple[Path, Path]) -> None:
    """Records of the first morning have the id that they had then, except where two customers became one."""
    with duckdb.connect(str(warehouses[0] / "private" / "warehouse.duckdb"), read_only=True) as con:
        first = "(select record_key, customer_id from state.customer_ids where _run_number = 1)"
        moved, known = con.execute(
            f"""with before as {first},
                later as (select record_key, customer_id from identity.id_crosswalk),
                merged as (
                    select later.customer_id from before inner join later using (record_key)
                    group by later.customer_id having count(distinct before.customer_id) > 1
                )
                select count(*) filter (later.customer_id <> before.customer_id
                                        and later.customer_id not in (select customer_id from merged)), count(*)
                from before inner join later using (record_key)"""
        ).fetchall()[0]
    assert known > 300
    assert moved == 0
