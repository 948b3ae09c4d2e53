"""The regression finds known coefficients, scores as its formula says, and admits failure."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from customer_models.lifetime import logistic
from customer_models.lifetime.measures import Floats

NAMES = ("far", "near", "noise")


def made(count: int, seed: int = 1) -> tuple[Floats, Floats]:
    """Features on very different scales; the log-odds are -1 + .002 far - 3 near."""
    rng = np.random.default_rng(seed)
    features = np.column_stack([rng.normal(500, 300, count), rng.normal(0, 0.3, count), rng.normal(0, 1, count)])
    chance = expit(-1 + 0.002 * features[:, 0] - 3 * features[:, 1])
    return features, (rng.random(count) < chance).astype(np.float64)


def test_known_coefficients_come_back_on_their_own_scale() -> None:
    features, outcome = made(50_000)
    found = logistic.fit(features, outcome, NAMES, penalty=0.0)
    slopes = np.array(found.coefficients) / np.array(found.scales)
    assert found.is_converged
    assert slopes == pytest.approx([0.002, -3, 0], abs=0.06)
    assert slopes[0] == pytest.approx(0.002, rel=0.05)
    assert found.intercept - (slopes * found.means).sum() == pytest.approx(-1, abs=0.05)


def test_the_score_is_the_formula_that_sql_computes() -> None:
    features, outcome = made(500)
    found = logistic.fit(features, outcome, NAMES)
    row = features[7]
    linear = found.intercept + sum(
        coefficient * (value - mean) / scale
        for coefficient, value, mean, scale in zip(found.coefficients, row, found.means, found.scales, strict=True)
    )
    assert found.scores(features)[7] == pytest.approx(1 / (1 + np.exp(-linear)), abs=1e-12)


@pytest.mark.parametrize("penalty", [0.0, 1.0, 50.0])
def test_the_fit_is_the_minimum_of_the_penalised_objective(penalty: float) -> None:
    features, outcome = made(400)
    found = logistic.fit(features, outcome, NAMES, penalty=penalty)
    standard = (features - features.mean(axis=0)) / features.std(axis=0)

    def objective(weights: Floats) -> float:
        linear = weights[0] + standard @ weights[1:]
        return float((np.logaddexp(0, linear) - outcome * linear).sum() + penalty / 2 * (weights[1:] ** 2).sum())

    best = minimize(objective, np.zeros(4), method="BFGS", options={"gtol": 1e-6})
    assert [found.intercept, *found.coefficients] == pytest.approx(best.x, abs=1e-4)


def test_the_mean_score_is_the_share_of_events() -> None:
    features, outcome = made(700)
    found = logistic.fit(features, outcome, NAMES, penalty=20.0)
    assert found.scores(features).mean() == pytest.approx(outcome.mean(), abs=1e-9)


def test_a_feature_that_never_changes_has_no_part_in_the_score() -> None:
    features, outcome = made(400)
    plain = logistic.fit(features, outcome, NAMES)
    with_constant = logistic.fit(np.column_stack([features, np.full(400, 7.1)]), outcome, (*NAMES, "same"))
    assert with_constant.is_converged
    assert with_constant.coefficients == pytest.approx((*plain.coefficients, 0.0), abs=1e-9)
    assert with_constant.scales[-1] == 1.0


def test_two_equal_features_share_their_weight() -> None:
    features, outcome = made(400)
    found = logistic.fit(features[:, [1, 1]], outcome, ("near", "again"))
    assert found.is_converged
    assert found.coefficients[0] == pytest.approx(found.coefficients[1], abs=1e-9)


def test_a_separated_class_has_no_unpenalised_fit_but_a_penalised_one() -> None:
    feature, outcome = np.linspace(-1, 1, 60)[:, None], np.repeat([0.0, 1.0], 30)
    assert not logistic.fit(feature, outcome, ("x",), penalty=0.0).is_converged
    assert logistic.fit(feature, outcome, ("x",), penalty=1.0).is_converged


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_one_class_only_is_not_converged_and_scores_finitely(value: float) -> None:
    features, _ = made(50)
    found = logistic.fit(features, np.full(50, value), NAMES)
    assert not found.is_converged
    assert found.scores(features) == pytest.approx(np.full(50, 0.99 if value else 0.01))


def test_a_value_that_is_missing_is_refused_by_the_name_of_its_feature() -> None:
    features, outcome = made(50)
    features[3, 1] = np.nan
    with pytest.raises(ValueError, match="near"):
        logistic.fit(features, outcome, NAMES)


@pytest.mark.parametrize(("rows", "names"), [(49, NAMES), (50, NAMES[:2])])
def test_shapes_that_do_not_fit_are_refused(rows: int, names: tuple[str, ...]) -> None:
    features, outcome = made(50)
    with pytest.raises(ValueError, match="rows"):
        logistic.fit(features, outcome[:rows], names)


def test_the_order_of_rows_does_not_change_the_fit() -> None:
    features, outcome = made(5000)
    order = np.random.default_rng(7).permutation(5000)
    first, second = (logistic.fit(features[rows], outcome[rows], NAMES) for rows in (np.arange(5000), order))
    assert first.scores(features) == pytest.approx(second.scores(features), abs=1e-9)
    assert first.coefficients == pytest.approx(second.coefficients, abs=1e-9)
