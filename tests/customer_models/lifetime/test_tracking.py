"""What a model expects a cohort to buy, week by week."""

import numpy as np
import pytest

from customer_models.lifetime import beta_geometric
from customer_models.lifetime.beta_geometric import BetaGeometric
from customer_models.lifetime.tracking import expected_cumulative

MODEL = BetaGeometric("mbg", 0.5248, 6.18, 0.89, 1.61)


def test_a_year_and_a_half_of_cdnow_is_foretold_to_four_percent(cdnow) -> None:
    model = beta_geometric.model_of(beta_geometric.fit(cdnow.histories, "bg"))
    bought = np.sum(cdnow.histories.x) + np.sum(cdnow.later)
    expected = expected_cumulative(model, cdnow.first_at, np.ones(cdnow.first_at.size), [39, 78])

    assert expected[1] / bought - 1 == pytest.approx(-0.041, abs=0.003)
    assert expected[0] == pytest.approx(np.sum(cdnow.histories.x), rel=0.03)


def test_nobody_buys_again_before_the_first_purchase() -> None:
    expected = expected_cumulative(MODEL, [5.0], [10.0], [0, 5, 6])

    assert list(expected[:2]) == [0, 0]
    assert expected[2] == pytest.approx(10 * float(MODEL.expected_repeat_purchases(1.0)))


def test_order_and_grouping_of_beginnings_change_nothing() -> None:
    one = expected_cumulative(MODEL, [0.0, 1.0, 1.0, 3.0], [1, 1, 1, 2], [2, 10])
    other = expected_cumulative(MODEL, [3.0, 1.0, 0.0], [2, 2, 1], [2, 10])

    assert list(one) == list(other)


def test_weights_for_other_beginnings_are_refused() -> None:
    with pytest.raises(ValueError, match="one weight per beginning"):
        expected_cumulative(MODEL, [0.0, 1.0], [1.0], [2.0])
