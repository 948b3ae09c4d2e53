"""Measures against figures worked out by hand, and whatever the order of rows."""

from collections.abc import Callable

import numpy as np
import pytest

from customer_models.lifetime import measures
from customer_models.lifetime.measures import Floats


def of(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)


def perfect(count: int, seed: int) -> tuple[Floats, Floats]:
    """Scores, and outcomes that come as often as they say."""
    rng = np.random.default_rng(seed)
    score = rng.beta(1, 5, count)
    return score, (rng.random(count) < score).astype(np.float64)


def test_the_area_is_the_share_of_pairs_in_the_right_order_and_a_tie_is_half_a_pair() -> None:
    # Events .8 and .4, others .4 and .1: right, right, tie, right.
    assert measures.auc(of(0.8, 0.4, 0.4, 0.1), of(1, 1, 0, 0)) == pytest.approx(3.5 / 4)
    assert measures.auc(of(0.3, 0.3, 0.3), of(1, 0, 1)) == 0.5
    assert measures.auc(of(0.1, 0.9), of(1, 0)) == 0


def test_the_area_is_undefined_when_all_did_the_same() -> None:
    assert measures.auc(of(0.2, 0.8), of(1, 1)) is None
    assert measures.auc(of(0.2, 0.8), of(0, 0)) is None


def test_the_brier_score_is_the_mean_squared_error() -> None:
    assert measures.brier(of(0.5, 0.9, 0.2), of(1, 1, 0)) == pytest.approx((0.25 + 0.01 + 0.04) / 3)
    assert measures.brier(of(), of()) is None


def test_totals_are_compared_as_predicted_over_actual() -> None:
    assert measures.ratio_of_totals(of(10, 20), of(15, 25)) == pytest.approx(0.75)
    assert measures.ratio_of_totals(of(10, 20), of(0, 0)) is None


def test_gini_of_the_right_order_is_the_gini_coefficient_and_no_order_is_better() -> None:
    actual = of(0, 0, 10, 30)
    # The mean of all |aᵢ - aⱼ| over twice the mean.
    coefficient = np.abs(actual[:, None] - actual).mean() / (2 * actual.mean())
    assert measures.gini(actual * 3 + 1, actual) == pytest.approx(coefficient)
    assert measures.gini(-actual, actual) == pytest.approx(-coefficient)
    assert measures.gini(of(5, 5, 5, 5), actual) == pytest.approx(0)
    assert measures.normalised_gini(of(1, 1, 2, 3), actual) == pytest.approx(1)
    assert measures.normalised_gini(of(1, 2, 4, 3), actual) == pytest.approx(0.375 / 0.625)


def test_gini_is_undefined_where_nothing_was_spent_or_all_spent_the_same() -> None:
    assert measures.gini(of(1, 2), of(0, 0)) is None
    assert measures.normalised_gini(of(1, 2), of(5, 5)) is None


def test_the_calibration_error_is_the_mean_gap_of_ten_bins() -> None:
    score = np.repeat(np.arange(10) / 10 + 0.05, 10)
    outcome = np.concatenate([np.r_[np.ones(number), np.zeros(10 - number)] for number in range(10)])
    # Of each bin 5 % fewer came than was said.
    assert measures.calibration_error(score, outcome) == pytest.approx(0.05)
    assert measures.calibration_error(of(), of()) is None


def test_equal_scores_share_their_outcomes_over_the_bins_they_fill() -> None:
    # All scores are equal: whichever row stands where, each bin holds the same half of events.
    assert measures.calibration_error(np.full(40, 0.5), np.repeat(of(1, 0), 20)) == pytest.approx(0)
    assert measures.calibration_error(np.full(40, 0.3), np.repeat(of(1, 0), 20)) == pytest.approx(0.2)


def test_a_perfect_scorer_stays_under_the_bound_in_about_95_of_100_cases() -> None:
    inside = 0
    for seed in range(100):
        score, outcome = perfect(500, seed)
        error, bound = measures.calibration_error(score, outcome), measures.calibration_bound(score)
        assert error is not None
        assert bound is not None
        inside += error <= bound
    assert 88 <= inside <= 100


def test_a_scorer_that_says_too_much_exceeds_the_bound() -> None:
    score, outcome = perfect(3000, 1)
    said = np.minimum(score * 1.5, 1)
    error, bound = measures.calibration_error(said, outcome), measures.calibration_bound(said)
    assert error is not None
    assert bound is not None
    assert error > 2 * bound


def test_the_bound_of_many_rows_is_that_of_drawing_them_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    score, _ = perfect(6000, 1)
    drawn = measures.calibration_bound(score)
    monkeypatch.setattr(measures, "LARGE", 1000)
    assert measures.calibration_bound(score) == pytest.approx(drawn, rel=0.1)


def test_the_bound_of_equal_scores_is_that_of_one_binomial_draw() -> None:
    # One group of 400: every bin has the same gap, |events / 400 - .2|; its spread is .02.
    assert measures.calibration_bound(np.full(400, 0.2)) == pytest.approx(1.96 * 0.02, rel=0.15)


def test_deciles_hold_equally_many_rows_and_all_that_was_predicted_and_came() -> None:
    score, actual = np.arange(25.0), np.arange(25.0) * 2
    table = measures.decile_table(score, actual)
    assert [row.number for row in table] == list(range(1, 11))
    assert {row.count for row in table} == {2, 3}
    assert sum(row.count for row in table) == 25
    assert (table[-1].mean_predicted, table[-1].mean_actual) == (23.0, 46.0)
    assert sum(row.sum_predicted for row in table) == pytest.approx(score.sum())
    assert sum(row.sum_actual for row in table) == pytest.approx(actual.sum())


def test_equal_scores_share_their_amounts_over_deciles() -> None:
    table = measures.decile_table(np.full(20, 1.0), np.arange(20.0))
    assert [row.sum_actual for row in table] == pytest.approx([19.0] * 10)


def test_fewer_than_ten_rows_fill_as_many_deciles() -> None:
    assert [row.count for row in measures.decile_table(of(3, 1, 2), of(30, 10, 20))] == [1, 1, 1]
    assert [row.mean_actual for row in measures.decile_table(of(3, 1, 2), of(30, 10, 20))] == [10, 20, 30]
    assert measures.decile_table(of(), of()) == ()


@pytest.mark.parametrize(
    "measure",
    [
        measures.auc,
        measures.brier,
        measures.ratio_of_totals,
        measures.gini,
        measures.normalised_gini,
        measures.calibration_error,
        lambda score, outcome: measures.calibration_bound(score),
        lambda score, outcome: measures.decile_table(score, outcome),
    ],
)
def test_the_order_of_rows_does_not_change_a_measure(measure: Callable[[Floats, Floats], object]) -> None:
    score, outcome = perfect(700, 3)
    score = score.round(2)
    order = np.random.default_rng(4).permutation(700)
    assert measure(score[order], outcome[order]) == measure(score, outcome)


def test_the_order_of_rows_does_not_change_sums_of_amounts() -> None:
    score, actual = perfect(700, 3)[0].round(1), np.random.default_rng(5).exponential(100, 700)
    order = np.random.default_rng(4).permutation(700)
    for measure in (measures.decile_table, measures.gini, measures.ratio_of_totals):
        assert measure(score[order], actual[order]) == measure(score, actual)
