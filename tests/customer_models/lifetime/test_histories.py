"""Histories that cannot be are refused, and equal ones stand in one row."""

import numpy as np
import pytest

from customer_models.lifetime.histories import amounts, histories


@pytest.mark.parametrize(
    ("x", "t_x", "age", "said"),
    [
        (1, 5.0, 4.0, "between 0 and age"),
        (1, -1.0, 4.0, "between 0 and age"),
        (0, 1.0, 4.0, "only there"),
        (1, 0.0, 4.0, "only there"),
        (1.5, 1.0, 4.0, "whole numbers"),
        (-1, 0.0, 4.0, "whole numbers"),
        (1, 1.0, float("inf"), "number of weeks"),
        (1, float("nan"), 4.0, "between 0 and age"),
    ],
)
def test_a_history_that_cannot_be_is_refused_and_the_row_named(x: float, t_x: float, age: float, said: str) -> None:
    with pytest.raises(ValueError, match=rf"({said}).*row 1"):
        histories([0, x], [0, t_x], [4.0, age])


def test_columns_of_different_lengths_and_weights_of_nobody_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        histories([0, 0], [0], [1, 1])
    with pytest.raises(ValueError, match="weight must be above 0"):
        histories([0], [0], [1], [0])
    with pytest.raises(ValueError, match="mean must be known"):
        amounts([0, 2], [np.nan, np.nan])


def test_equal_customers_stand_in_one_row_in_ascending_order() -> None:
    rows = histories([2, 0, 2, 2], [1.0, 0, 1, 0.5], [3, 4, 3, 3], [1, 2, 3, 4]).distinct()

    assert [list(column) for column in (rows.x, rows.t_x, rows.age, rows.weight)] == [
        [0, 2, 2],
        [0, 0.5, 1],
        [4, 3, 3],
        [2, 4, 4],
    ]


def test_amounts_keep_those_with_a_positive_mean_of_repeat_purchases() -> None:
    rows = amounts([0, 1, 1, 2, 3], [np.nan, 5.0, 5.0, 0.0, -1.0]).positive()

    assert [list(column) for column in (rows.x, rows.mean, rows.weight)] == [[1], [5], [2]]


def test_no_customers_are_no_rows() -> None:
    assert histories([], [], []).distinct().x.size == 0
