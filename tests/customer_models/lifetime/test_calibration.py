"""Calibrations bring back a distortion, and leave alone what they cannot judge."""

import numpy as np
import pytest
from scipy.special import expit

from customer_models.lifetime import calibration
from customer_models.lifetime.calibration import RAW, Calibration, Method
from customer_models.lifetime.measures import Floats, calibration_error


def distorted(count: int, seed: int = 1) -> tuple[Floats, Floats, Floats]:
    """Scores that are too sure of themselves, the chances behind them, outcomes."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1.5, 1.0, count)
    chance = expit(odds)
    return expit(0.5 + 2 * odds), chance, (rng.random(count) < chance).astype(np.float64)


def test_platt_finds_the_line_through_the_log_odds() -> None:
    score, chance, outcome = distorted(40_000)
    found = calibration.fit("platt", score, outcome)
    # The log-odds of the score are .5 + 2 odds: back by slope ½ and intercept -¼.
    assert (found.slope, found.intercept) == pytest.approx((0.5, -0.25), abs=0.04)
    assert np.abs(found.apply(score) - chance).max() < 0.03


def test_the_coefficients_alone_give_the_probability() -> None:
    found = Calibration("platt", intercept=-0.25, slope=0.5)
    assert found.apply(np.array([0.8])) == pytest.approx([1 / (1 + np.exp(0.25 - 0.5 * np.log(4)))])


@pytest.mark.parametrize("method", ["platt", "isotonic"])
def test_a_calibrated_score_comes_true_on_customers_it_has_not_seen(method: Method) -> None:
    score, _, outcome = distorted(5000)
    new, _, came = distorted(5000, seed=2)
    before = calibration_error(new, came)
    after = calibration_error(calibration.fit(method, score, outcome).apply(new), came)
    assert before is not None
    assert after is not None
    assert after < before / 3


def test_scores_of_zero_and_one_get_probabilities_between() -> None:
    score, outcome = np.repeat([0.0, 0.0, 1.0, 1.0], 50), np.repeat([0.0, 1.0, 0.0, 1.0], [80, 20, 20, 80])
    found = calibration.fit("platt", score, outcome)
    assert np.isfinite(found.apply(score)).all()
    assert found.apply(np.array([0.0, 1.0])) == pytest.approx([0.2, 0.8], abs=0.02)


def test_a_score_that_separates_perfectly_has_finite_coefficients() -> None:
    score, outcome = np.repeat([0.3, 0.6], 50), np.repeat([0.0, 1.0], 50)
    found = calibration.fit("platt", score, outcome)
    assert found.method == "platt"
    assert found.apply(np.array([0.3, 0.6])) == pytest.approx([1 / 52, 51 / 52], abs=1e-6)


@pytest.mark.parametrize("method", ["platt", "isotonic"])
@pytest.mark.parametrize("events", [0, 5, 195, 200])
def test_too_few_events_or_non_events_leave_the_score_as_it_is(method: Method, events: int) -> None:
    score = np.linspace(0.1, 0.9, 200)
    outcome = np.repeat([1.0, 0.0], [events, 200 - events])
    found = calibration.fit(method, score, outcome)
    assert found == RAW
    assert (found.apply(score) == score).all()


def test_a_score_that_ranks_the_wrong_way_round_is_not_turned_round() -> None:
    score, _, outcome = distorted(2000)
    assert calibration.fit("platt", 1 - score, outcome) == RAW


def test_a_score_that_is_the_same_for_all_is_left_alone_by_platt() -> None:
    assert calibration.fit("platt", np.full(100, 0.4), np.repeat([0.0, 1.0], 50)) == RAW


def test_knots_pool_what_falls_and_keep_what_rises() -> None:
    # Shares of events .2, .6, .4, .8: the two in the middle become one level of ½.
    values = np.repeat([1.0, 2.0, 3.0, 4.0], 10)
    outcome = np.concatenate([np.r_[np.ones(number), np.zeros(10 - number)] for number in (2, 6, 4, 8)])
    found = calibration.knots(values, outcome)
    assert [at for at, _ in found] == [1, 2, 3, 4]
    assert [level for _, level in found] == pytest.approx([0.2, 0.5, 0.5, 0.8])
    assert calibration.along(found, np.array([0.0, 1.5, 2.5, 9.0])) == pytest.approx([0.2, 0.35, 0.5, 0.8])


def test_customers_of_whom_none_stayed_away_do_not_prove_that_nobody_will() -> None:
    found = calibration.knots(np.array([1.0, 1.0, 2.0, 2.0]), np.array([0.0, 0.0, 1.0, 1.0]))
    assert found == ((1.0, pytest.approx(1 / 6)), (2.0, pytest.approx(5 / 6)))


@pytest.mark.parametrize("method", ["platt", "isotonic"])
def test_the_order_of_rows_does_not_change_a_calibration(method: Method) -> None:
    score, _, outcome = distorted(3000)
    score = score.round(3)
    order = np.random.default_rng(6).permutation(3000)
    first = calibration.fit(method, score, outcome).apply(score)
    second = calibration.fit(method, score[order], outcome[order]).apply(score)
    assert np.abs(first - second).max() < 1e-9
