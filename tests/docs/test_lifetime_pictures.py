"""The pictures of docs/lifetime-value.md show the numbers that they are given."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest

from customer_models.lifetime.beta_geometric import BetaGeometric
from docs import lifetime_pictures as pictures
from docs.lifetime_pictures import Tenth, Tracking

ORIGIN, CUT = date(2024, 1, 1), date(2024, 1, 14)
MODELS = {kind: BetaGeometric(kind, 0.5, 6.0, 0.9, 2.0) for kind in ("bg", "mbg")}  # type: ignore[arg-type]


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    """Ann buys on days 0, 6, 7, 13 and 27, Bob on days 7 and 20, Cem once, on day 2; fitted on two weeks."""
    con = duckdb.connect()
    con.execute("create schema core")
    con.execute("create table core.fct_purchase_day (customer_id text, purchase_on date, purchase_number integer)")
    for customer, days in (("ann", (0, 6, 7, 13, 27)), ("bob", (7, 20)), ("cem", (2,))):
        rows = [(customer, ORIGIN + timedelta(day), number) for number, day in enumerate(days, start=1)]
        con.executemany("insert into core.fct_purchase_day values (?, ?, ?)", rows)
    con.execute(
        """create table core.fct_model_run as
           select date '2024-01-28' as as_of_date, model, 'life' as history, cutoff_on,
                  5e-1 as r, 6e0 as alpha, 9e-1 as a, 2e0 as b
           from (values ('bg'), ('mbg')) models (model)
           cross join (values (date '2024-01-14'), (date '2024-01-28')) cutoffs (cutoff_on)"""
    )
    return con


def test_repeat_purchases_are_counted_to_the_end_of_each_week_beside_what_was_expected_of_first_days(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = pictures.tracking(warehouse, CUT)
    assert found.actual.tolist() == [1, 3, 4, 5]
    assert found.cut == 2
    # At the end of the last day the customers are 27, 20 and 25 days old.
    whole = MODELS["bg"].expected_repeat_purchases(np.array([27, 20, 25]) / 7).sum()
    assert found.expected[-1] == pytest.approx(whole)
    assert found.expected[0] == pytest.approx(MODELS["bg"].expected_repeat_purchases(np.array([6, 4]) / 7).sum())


def test_p_alive_of_a_day_knows_what_happened_up_to_it_and_nothing_after() -> None:
    found = pictures.life("ann", MODELS["mbg"], MODELS["bg"], (3, 10, 24), 30)
    short = pictures.life("ann", MODELS["mbg"], MODELS["bg"], (3, 10), 23)
    assert found.days.tolist() == list(range(3, 31))
    assert found.alive[: len(short.alive)].tolist() == short.alive.tolist()
    assert found.alive[24 - 3] == pytest.approx(float(MODELS["mbg"].p_alive(2, 3, 3)))
    assert found.alive[23 - 3] < found.alive[24 - 3]
    assert found.alive_bg[:7].tolist() == [1.0] * 7


def test_the_most_frequent_a_fading_and_a_one_time_buyer_are_found(warehouse: duckdb.DuckDBPyConnection) -> None:
    days = [(day, number) for number, day in enumerate((-400, -370, -250), start=1)]
    rows = [("dan", ORIGIN + timedelta(day), number) for day, number in days]
    warehouse.executemany("insert into core.fct_purchase_day values (?, ?, ?)", rows)
    assert [(found.label, len(found.purchases)) for found in pictures.lives(warehouse)] == [
        ("5 purchase days", 5),
        ("3 purchase days, then none", 3),
        ("one purchase", 1),
    ]


def _tracking(scale: float, target: Path) -> None:
    weeks = np.arange(1.0, 9.0)
    pictures.draw_tracking(Tracking(weeks * scale, weeks * 2, 4), target)


def _calibration(scale: float, target: Path) -> None:
    pictures.draw_calibration([Tenth(0.1 * n * scale, 0.1 * n, 200) for n in range(6)], "calibration", target)


def _lives(scale: float, target: Path) -> None:
    model = BetaGeometric("mbg", 0.5 * scale, 6.0, 0.9, 2.0)
    pictures.draw_lives([pictures.life("ann", model, MODELS["bg"], (0, 9), 60)], target)


@pytest.mark.parametrize(
    ("draw", "texts"),
    [
        (_tracking, ("fitted on 4 weeks", "actual", "BG/NBD")),
        (_calibration, ("mean forecast", "share without a purchase")),
        (_lives, ("ann", "P(alive)")),
    ],
)
def test_equal_numbers_draw_equal_small_pictures_and_others_draw_others(
    draw: Callable[[float, Path], None], texts: tuple[str, ...], tmp_path: Path
) -> None:
    for name, scale in (("one", 1.0), ("same", 1.0), ("other", 1.5)):
        draw(scale, tmp_path / f"{name}.svg")
    one, same, other = ((tmp_path / f"{name}.svg").read_text() for name in ("one", "same", "other"))
    assert one == same
    assert one != other
    assert "dc:date" not in one
    assert len(one) < 60_000
    assert [text for text in texts if f">{text}" not in one] == []


def test_a_share_of_0_and_one_of_a_half_have_the_interval_of_wilson() -> None:
    low, high = pictures.wilson(np.array([0.0, 0.5]), np.array([10.0, 100.0]))
    assert low == pytest.approx([0, 0.4038], abs=1e-4)
    assert high == pytest.approx([0.2775, 0.5962], abs=1e-4)


def test_a_warehouse_without_the_quality_of_models_counts_as_not_published(tmp_path: Path) -> None:
    assert not pictures.is_published(tmp_path)
    for folder in ("published/current", "private"):
        (tmp_path / folder).mkdir(parents=True)
    duckdb.connect(str(tmp_path / "private" / "warehouse.duckdb")).close()
    with duckdb.connect(str(tmp_path / "published" / "current" / "marts.duckdb")) as marts:
        marts.execute("create table dim_customer (customer_id text)")
    assert not pictures.is_published(tmp_path)
    with duckdb.connect(str(tmp_path / "published" / "current" / "marts.duckdb")) as marts:
        marts.execute("create table mart_model_quality (target text)")
    assert pictures.is_published(tmp_path)
