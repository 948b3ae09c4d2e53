"""Intervals of totals: as wide as the parameters are uncertain."""

import math
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from customer_models.lifetime import beta_geometric, gamma_gamma
from customer_models.lifetime.beta_geometric import BetaGeometric
from customer_models.lifetime.fitting import Fit
from customer_models.lifetime.histories import Histories
from customer_models.lifetime.intervals import drawn_parameters, interval_of_total

Parameters = Mapping[str, float]
TRUE = BetaGeometric("bg", 0.6, 5.0, 0.8, 2.5)


@pytest.fixture(scope="module")
def fitted(cdnow) -> Fit:
    return beta_geometric.fit(cdnow.histories, "bg")


def purchases(rows: Histories) -> Callable[[Parameters], float]:
    def total(parameters: Parameters) -> float:
        return float(
            np.sum(rows.weight * BetaGeometric("bg", **parameters).expected_purchases(rows.x, rows.t_x, rows.age, 13))
        )

    return total


def test_draws_lie_as_the_fit_says(fitted: Fit) -> None:
    logs = np.log([list(row.values()) for row in drawn_parameters(fitted, draws=20_000)])

    assert np.cov(logs.T) == pytest.approx(fitted.covariance, rel=0.1, abs=5e-4)
    assert logs.mean(axis=0) == pytest.approx(np.log(list(fitted.parameters.values())), abs=0.01)


def test_the_same_seed_gives_the_same_interval_and_another_one_nearly_so(cdnow, fitted: Fit) -> None:
    total = purchases(cdnow.histories.distinct())
    first, again, other = (interval_of_total(total, fitted, seed=seed) for seed in (1, 1, 2))

    assert first == again
    assert first != other
    assert first.low < total(fitted.parameters) < first.high
    assert other.high - other.low == pytest.approx(first.high - first.low, rel=0.35)


def test_the_interval_holds_the_true_total_about_as_often_as_it_says(simulated: Callable[..., Histories]) -> None:
    held = 0
    for seed in range(40):
        rows = simulated(TRUE, 1500, seed).distinct()
        interval = interval_of_total(purchases(rows), beta_geometric.fit(rows, "bg"), draws=60, level=0.8, seed=seed)
        truth = purchases(rows)({"r": TRUE.r, "alpha": TRUE.alpha, "a": TRUE.a, "b": TRUE.b})
        held += interval.low <= truth <= interval.high

    # 32 are expected; four standard deviations are 10.
    assert 22 <= held <= 39


def test_a_total_of_two_models_takes_both(cdnow, fitted: Fit) -> None:
    spent = gamma_gamma.fit(cdnow.amounts)

    def value(bought: Parameters, paid: Parameters) -> float:
        return bought["r"] * paid["p"] * paid["v"] / (paid["q"] - 1)

    both, one = interval_of_total(value, fitted, spent), interval_of_total(lambda bought: bought["r"], fitted)
    assert both.low < value(fitted.parameters, spent.parameters) < both.high
    assert math.log(both.high / both.low) > math.log(one.high / one.low)


def test_a_total_that_may_be_infinite_has_no_upper_end(fitted: Fit) -> None:
    least = fitted.parameters["r"]

    interval = interval_of_total(lambda bought: math.inf if bought["r"] > least else 1.0, fitted)

    assert (interval.low, interval.high) == (1.0, math.inf)


def test_without_parameters_there_is_no_interval(fitted: Fit) -> None:
    with pytest.raises(ValueError, match="too few"):
        interval_of_total(lambda bought: 1.0, Fit("bg", "insufficient_data", "too few", 3))
    with pytest.raises(ValueError, match="not a number"):
        interval_of_total(lambda bought: math.nan, fitted)
