"""Fits: the literature's figures, known parameters found again, and honest ends where there is nothing to find."""

import re
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from customer_models.lifetime import beta_geometric, gamma_gamma
from customer_models.lifetime.beta_geometric import BetaGeometric, Kind, model_of
from customer_models.lifetime.fitting import Fit, maximise
from customer_models.lifetime.histories import Amounts, Floats, Histories, amounts, histories

BOTH = pytest.mark.parametrize("kind", ["bg", "mbg"])
Columns = tuple[Floats, Floats, Floats]


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_cdnow_has_the_parameters_of_the_literature(cdnow) -> None:
    found = beta_geometric.fit(cdnow.histories, "bg")

    assert found.is_fitted
    assert found.parameters == pytest.approx({"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}, abs=5e-4)
    assert found.log_likelihood == pytest.approx(-9582.429, abs=0.01)


def test_cdnow_has_the_amounts_of_the_literature(cdnow) -> None:
    found = gamma_gamma.fit(cdnow.amounts)

    assert found.is_fitted
    assert found.customer_count == 946
    assert found.parameters == pytest.approx({"p": 6.250, "q": 3.744, "v": 15.443}, abs=5e-3)
    assert found.log_likelihood == pytest.approx(-4055.918, abs=0.01)


def test_a_fit_of_cdnow_ranks_the_later_purchases(cdnow) -> None:
    rows = cdnow.histories
    expected = model_of(beta_geometric.fit(rows, "bg")).expected_purchases(rows.x, rows.t_x, rows.age, 39)

    assert np.corrcoef(expected, cdnow.later)[0, 1] >= 0.62


@pytest.mark.parametrize(
    "model",
    [BetaGeometric("bg", 0.6, 5.0, 0.8, 2.5), BetaGeometric("mbg", 0.8, 5.0, 0.9, 2.5)],
    ids=["bg", "mbg"],
)
def test_parameters_of_simulated_customers_are_found_again(
    model: BetaGeometric, simulated: Callable[..., Histories]
) -> None:
    found = beta_geometric.fit(simulated(model, 30_000, 8), model.kind)

    assert found.is_fitted
    for name, value in found.parameters.items():
        assert abs(value - getattr(model, name)) < 4 * found.standard_errors[name]
        assert found.standard_errors[name] < 0.15 * value


def test_standard_errors_are_how_far_fits_of_other_customers_lie_apart(simulated: Callable[..., Histories]) -> None:
    model = BetaGeometric("bg", 0.6, 5.0, 0.8, 2.5)
    fits = [beta_geometric.fit(simulated(model, 4000, seed), "bg") for seed in range(60)]
    for name in beta_geometric.NAMES:
        apart = np.std([np.log(found.parameters[name]) for found in fits])
        said = np.mean([found.standard_errors[name] / found.parameters[name] for found in fits])
        assert apart == pytest.approx(said, rel=0.35)


def same(found: Fit, other: Fit) -> None:
    assert found.is_fitted
    assert dict(other.parameters) == pytest.approx(dict(found.parameters), rel=1e-9)
    assert dict(other.standard_errors) == pytest.approx(dict(found.standard_errors), rel=1e-9)
    assert other.log_likelihood == pytest.approx(found.log_likelihood, rel=1e-9)


@BOTH
def test_order_and_grouping_of_customers_change_nothing(cdnow, kind: Kind) -> None:
    rows = cdnow.histories
    order = np.random.default_rng(2).permutation(rows.x.size)
    shuffled = histories(rows.x[order], rows.t_x[order], rows.age[order])
    grouped = rows.distinct()
    halves = histories(
        *(np.tile(column, 2) for column in (grouped.x, grouped.t_x, grouped.age)), np.tile(grouped.weight, 2) / 2
    )
    found = beta_geometric.fit(rows, kind)

    for other in (shuffled, grouped, grouped.distinct(), halves):
        same(found, beta_geometric.fit(other, kind))


def test_order_and_grouping_of_amounts_change_nothing(cdnow) -> None:
    rows: Amounts = cdnow.amounts
    order = np.random.default_rng(2).permutation(rows.x.size)
    found = gamma_gamma.fit(rows)

    same(found, gamma_gamma.fit(amounts(rows.x[order], rows.mean[order])))
    same(found, gamma_gamma.fit(rows.positive()))


@BOTH
def test_starts_that_compete_on_some_customers_lead_to_the_fit_of_all_from_each(
    kind: Kind, simulated: Callable[..., Histories], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = simulated(BetaGeometric(kind, 0.8, 5.0, 0.9, 2.5), 40_000, 3)
    assert rows.distinct().sketch() is not None
    sketched = beta_geometric.fit(rows, kind)
    rng, x = np.random.default_rng(3), np.repeat(rows.x, rows.weight.astype(int))
    spent = amounts(x, rng.gamma(6 * np.maximum(x, 1)) / np.maximum(x, 1) / rng.gamma(4, 1 / 15, x.size))
    assert spent.positive().sketch() is not None
    paid = gamma_gamma.fit(spent)
    monkeypatch.setattr("customer_models.lifetime.histories.SKETCHED", rows.x.size)

    assert rows.distinct().sketch() is None
    same(sketched, beta_geometric.fit(rows, kind))
    same(paid, gamma_gamma.fit(spent))


def test_a_sketch_weighs_as_much_as_all(simulated: Callable[..., Histories]) -> None:
    rows = simulated(BetaGeometric("bg", 0.8, 5.0, 0.9, 2.5), 40_000, 3).distinct()
    few = rows.sketch()
    assert few is not None
    assert few.x.size < rows.x.size / 1.9
    assert few.weight.sum() == pytest.approx(rows.weight.sum(), rel=0.05)


def test_a_currency_with_other_units_changes_v_alone(cdnow) -> None:
    found = gamma_gamma.fit(cdnow.amounts)
    other = gamma_gamma.fit(amounts(cdnow.amounts.x, cdnow.amounts.mean * 1e6))

    assert other.parameters == pytest.approx({**found.parameters, "v": found.parameters["v"] * 1e6}, rel=1e-7)


def ages(count: int = 2000) -> Floats:
    return np.floor(np.random.default_rng(3).uniform(130, 400, count)) / 7


def once() -> Columns:
    return np.zeros(2000), np.zeros(2000), ages()


def daily() -> Columns:
    return np.round(ages() * 7), ages(), ages()


def never_lost() -> Columns:
    rng, age = np.random.default_rng(3), ages()
    x = rng.poisson(rng.gamma(0.8, 0.25, age.size) * age).astype(float)
    return x, np.where(x > 0, age * rng.random(age.size) ** (1 / np.maximum(x, 1)), 0), age


def one_history() -> Columns:
    return np.full(600, 5.0), np.full(600, 20.0), np.full(600, 40.0)


def one_loyal_customer() -> Columns:
    x = np.where(np.arange(2000) == 7, 2.0, 0.0)
    return x, x * 3, ages()


def a_day() -> Columns:
    return np.zeros(600), np.zeros(600), np.full(600, 1 / 7)


def all_new() -> Columns:
    return np.zeros(600), np.zeros(600), np.zeros(600)


def few() -> Columns:
    return np.full(30, 3.0), np.full(30, 9.0), np.full(30, 40.0)


@BOTH
@pytest.mark.parametrize(
    ("base", "state", "said"),
    [
        (once, "insufficient_data", "nobody bought three times"),
        (few, "insufficient_data", "30 customers, 500 are needed"),
        (a_day, "insufficient_data", "1 days of history, 180 are needed"),
        (all_new, "insufficient_data", "0 days of history"),
    ],
)
def test_a_base_that_holds_no_parameters_gets_none_and_a_reason(
    base: Callable[[], Columns], state: str, said: str, kind: Kind
) -> None:
    found = beta_geometric.fit(histories(*base()), kind)

    assert found.state == state
    assert found.parameters == found.standard_errors == {}
    assert found.log_likelihood is None
    with pytest.raises(ValueError, match=said):
        model_of(found)


@BOTH
@pytest.mark.parametrize(
    ("base", "said"),
    [(daily, "bound"), (never_lost, "bound.* a"), (one_history, "bound"), (one_loyal_customer, "bound")],
)
def test_a_base_that_does_not_bound_the_parameters_says_so_and_still_forecasts_soberly(
    base: Callable[[], Columns], said: str, kind: Kind
) -> None:
    x, t_x, age = base()
    found = beta_geometric.fit(histories(x, t_x, age), kind)

    assert found.state == "not_identified"
    assert re.search(said, found.reason)
    assert found.standard_errors == {}
    assert found.covariance is None
    expected = model_of(found).expected_purchases(x, t_x, age, 4.0)
    assert np.all(np.isfinite(expected))
    # Nobody is expected to buy much more often than anybody did.
    assert np.max(expected) <= 4.0 * 7 * 1.05
    assert np.all((found_share(found, x, t_x, age) >= 0) & (found_share(found, x, t_x, age) <= 1))


def found_share(found: Fit, x: Floats, t_x: Floats, age: Floats) -> Floats:
    return model_of(found).p_no_purchase(x, t_x, age, 4.0)


def test_a_likelihood_without_a_smooth_peak_is_not_called_converged() -> None:
    def kinked(logs: Floats) -> tuple[float, Floats]:
        away = logs - 1
        return float(-np.sum(1000 * np.abs(away) + away**2)), -1000 * np.sign(away) - 2 * away

    found = maximise("kinked", ["height"], kinked, [[1.0]], 1)

    assert (found.state, found.is_converged, found.parameters) == ("not_converged", False, {})
    assert "Newton" in found.reason


def test_nobody_is_too_few() -> None:
    assert beta_geometric.fit(histories([], [], []), "bg").state == "insufficient_data"
    assert beta_geometric.fit(histories([], [], []), "bg", customers_min=0).state == "insufficient_data"
    assert gamma_gamma.fit(amounts([], []), customers_min=0).state == "insufficient_data"


def test_the_data_needed_are_arguments(cdnow) -> None:
    assert beta_geometric.fit(cdnow.histories, "bg", customers_min=3000).state == "insufficient_data"
    assert beta_geometric.fit(cdnow.histories, "bg", history_days_min=272).is_fitted
    assert beta_geometric.fit(cdnow.histories, "bg", history_days_min=273).state == "insufficient_data"
    assert gamma_gamma.fit(cdnow.amounts, customers_min=947).state == "insufficient_data"


X = np.random.default_rng(3).integers(1, 10, 2000).astype(float)


@pytest.mark.parametrize(
    ("mean", "state", "said"),
    [
        (np.full(2000, -5.0), "insufficient_data", "0 customers with a positive repeat amount"),
        (np.zeros(2000), "insufficient_data", "0 customers with a positive repeat amount"),
        (0.1 + np.random.default_rng(1).pareto(0.7, 2000), "not_identified", "no finite mean"),
    ],
    ids=["negative", "zero", "without a mean"],
)
def test_amounts_that_hold_no_parameters_get_none_and_a_reason(mean: Floats, state: str, said: str) -> None:
    found = gamma_gamma.fit(amounts(X, mean))

    assert found.state == state
    assert found.parameters == {}
    with pytest.raises(ValueError, match=said):
        gamma_gamma.model_of(found)


@pytest.mark.parametrize("mean", [np.full(2000, 20.0), np.where(X > 5, 10.0, 20.0)], ids=["all equal", "two amounts"])
def test_amounts_that_hardly_differ_are_not_identified_and_still_forecast_soberly(mean: Floats) -> None:
    found = gamma_gamma.fit(amounts(X, mean))

    assert found.state == "not_identified"
    assert "bound" in found.reason
    assert found.standard_errors == {}
    expected = gamma_gamma.model_of(found).expected_order_amount(X, mean)
    assert np.all((expected > 9) & (expected < 21))


def test_customers_whose_amounts_differ_by_chance_alone_are_expected_to_spend_the_mean() -> None:
    mean = np.random.default_rng(7).gamma(2.0 * X, 50.0 / X)
    found = gamma_gamma.fit(amounts(X, mean))

    expected = gamma_gamma.model_of(found).expected_order_amount(X, mean)
    assert np.median(expected) == pytest.approx(100, rel=0.05)
    assert np.max(expected) < 130
