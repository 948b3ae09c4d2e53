"""The interval of a difference holds what it says, and says nothing where it cannot."""

import numpy as np
import pytest

from customer_models.lifetime import bootstrap
from customer_models.lifetime.bootstrap import Interval, brier_difference, mean_difference
from customer_models.lifetime.measures import Floats


def losses(count: int, better_by: float, seed: int = 1) -> tuple[Floats, Floats]:
    """Losses that vary much between customers, and little between scorers."""
    rng = np.random.default_rng(seed)
    hard = rng.exponential(1.0, count)
    return hard + rng.normal(0, 0.1, count) - better_by, hard


def test_a_small_but_steady_advantage_shows_although_losses_vary_much() -> None:
    first, second = losses(1000, 0.02)
    found = mean_difference(first, second)
    assert found.difference == pytest.approx((first - second).mean())
    assert found.is_below_zero
    assert found.excludes_zero
    # Unpaired, the spread of customers alone would be ten times the difference.
    assert found.high is not None
    assert found.low is not None
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.1 / np.sqrt(1000), rel=0.15)


def test_the_worse_scorer_excludes_zero_but_is_not_below() -> None:
    first, second = losses(1000, 0.02)
    found = mean_difference(second, first)
    assert found.excludes_zero
    assert not found.is_below_zero


def test_no_advantage_includes_zero_in_about_95_of_100_cases() -> None:
    outside = sum(mean_difference(*losses(200, 0.0, seed)).excludes_zero for seed in range(200))
    assert 2 <= outside <= 22


def test_the_normal_interval_of_many_rows_is_that_of_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = losses(3000, 0.003)
    drawn = mean_difference(first, second)
    monkeypatch.setattr(bootstrap, "LARGE", 1000)
    normal = mean_difference(first, second)
    assert drawn.ends != normal.ends
    assert normal.ends == pytest.approx(drawn.ends, abs=0.0004)


def test_too_few_rows_give_no_interval_and_so_no_winner() -> None:
    found = mean_difference(np.zeros(5), np.ones(5))
    assert found == Interval(-1.0, None, None)
    assert not found.excludes_zero
    assert not found.is_below_zero


def test_a_scorer_does_not_beat_itself() -> None:
    first, _ = losses(100, 0.0)
    assert mean_difference(first, first).ends == (0.0, 0.0)
    assert not mean_difference(first, first).excludes_zero


def test_the_brier_difference_is_below_zero_for_the_better_score() -> None:
    rng = np.random.default_rng(2)
    chance = rng.beta(1, 3, 2000)
    outcome = (rng.random(2000) < chance).astype(np.float64)
    found = brier_difference(chance, np.full(2000, 0.25), outcome)
    assert found.difference == pytest.approx(((chance - outcome) ** 2 - (0.25 - outcome) ** 2).mean())
    assert found.is_below_zero


def test_the_order_of_pairs_does_not_change_the_interval_but_the_seed_does() -> None:
    first, second = losses(500, 0.01)
    order = np.random.default_rng(5).permutation(500)
    assert mean_difference(first[order], second[order]) == mean_difference(first, second)
    assert mean_difference(first, second, seed=2).ends != mean_difference(first, second).ends


@pytest.mark.parametrize(("first", "second"), [(3, 2), (0, 0)])
def test_what_is_no_pairs_is_refused(first: int, second: int) -> None:
    with pytest.raises(ValueError, match="no pairs"):
        mean_difference(np.zeros(first), np.zeros(second))
