"""Probabilities and expectations of BG/NBD and MBG/NBD: the literature's figures, other libraries', and draws."""

import csv
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from customer_models.lifetime.beta_geometric import BetaGeometric, Kind, Likelihood, log_likelihood
from customer_models.lifetime.histories import Floats, Histories, histories
from samples.packages import data_file

BG = BetaGeometric("bg", 0.2426, 4.4136, 0.7929, 2.4259)
MBG = BetaGeometric("mbg", 0.5248, 6.1831, 0.8914, 1.6140)
BOTH = pytest.mark.parametrize("model", [BG, MBG], ids=["bg", "mbg"])
X = np.array([0, 0, 1, 2, 2, 7, 30, 300])
T_X = np.array([0, 0, 0.5, 30.43, 2, 29, 51, 150])
AGE = np.array([0, 38.86, 38.86, 38.86, 38.86, 30, 52, 156])


def expected_by_counting(model: BetaGeometric, x: float, age: float, horizon: float) -> float:
    """Expected purchases while alive, by another way: the sum over j of the probability that the customer would buy
    more than j times (negative binomial) and survives the first j purchases (beta)."""
    shape, scale, survive = model.r + x, model.alpha + age, model.b + x + (model.kind == "mbg")
    z = horizon / (scale + horizon)
    j = np.arange(stats.nbinom.isf(1e-17, shape, 1 - z) + 60 - 40 / np.log(z))
    more = stats.nbinom.sf(j, shape, 1 - z)
    return float(np.sum(more * np.exp(special.betaln(model.a, survive + j) - special.betaln(model.a, survive))))


def test_the_expectation_of_the_paper_is_met() -> None:
    assert float(BG.expected_purchases(2, 30.43, 38.86, 39)) == pytest.approx(1.226, abs=5e-4)


@BOTH
@pytest.mark.parametrize("horizon", [4, 90 / 7, 365 / 7])
def test_expected_purchases_are_those_of_the_published_formula(model: BetaGeometric, horizon: float) -> None:
    survive = model.b + X + (model.kind == "mbg")
    c = model.a + survive - 1
    z = horizon / (model.alpha + AGE + horizon)
    inner = special.hyp2f1(model.r + X, survive, c, z) * (1 - z) ** (model.r + X)
    published = c / (model.a - 1) * (1 - inner) * model.p_alive(X, T_X, AGE)

    assert model.expected_purchases(X, T_X, AGE, horizon) == pytest.approx(published, rel=1e-9, abs=1e-11)


@given(
    kind=st.sampled_from(["bg", "mbg"]),
    logs=st.tuples(
        st.floats(-3, 3),
        st.floats(-2, 4),
        st.one_of(st.floats(-3.5, 3.5), st.sampled_from([0.0, 1e-12])),
        st.floats(-3, 4),
    ),
    x=st.sampled_from([0, 0, 1, 3, 10, 60, 300]),
    age=st.sampled_from([0.0, 1 / 7, 3.0, 20.0, 60.0, 300.0]),
    horizon=st.sampled_from([4.0, 8.0, 90 / 7, 365 / 7]),
)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_expected_purchases_are_right_wherever_parameters_lie(
    kind: Kind, logs: tuple[float, ...], x: int, age: float, horizon: float
) -> None:
    model = BetaGeometric(kind, *map(float, np.exp(logs)))
    t_x = age / 2 if x else 0.0
    if x and not age:
        return
    counted = expected_by_counting(model, x, age, horizon) * float(model.p_alive(x, t_x, age))

    assert float(model.expected_purchases(x, t_x, age, horizon)) == pytest.approx(counted, rel=1e-9, abs=1e-9)


@BOTH
def test_expected_purchases_do_not_jump_where_a_is_1(model: BetaGeometric) -> None:
    around = [
        BetaGeometric(model.kind, model.r, model.alpha, a, model.b).expected_purchases(X, T_X, AGE, 13.0)
        for a in (1 - 1e-9, 1.0, 1 + 1e-9)
    ]

    assert around[0] == pytest.approx(around[1], rel=1e-7)
    assert around[2] == pytest.approx(around[1], rel=1e-7)


def drawn_future(
    model: BetaGeometric, x: int, t_x: float, age: float, horizon: float, count: int
) -> tuple[Floats, Floats]:
    """Purchases in the horizon of customers drawn from the model's story, and their weights: how likely each drawn rate
    and risk make the history. Uses nothing of the formulas under test."""
    rng = np.random.default_rng(5)
    rate, risk = rng.gamma(model.r, 1 / model.alpha, count), rng.beta(model.a, model.b, count)
    risks_run = x + (model.kind == "mbg")
    history = rate**x * np.exp(-rate * t_x)
    alive = history * (1 - risk) ** risks_run * np.exp(-rate * (age - t_x))
    lost = history * (1 - risk) ** (risks_run - 1) * risk if risks_run else np.zeros(count)
    is_alive = rng.random(count) * (alive + lost) < alive
    would_buy = rng.poisson(rate * horizon)
    # The purchase with which the customer is lost is the last one.
    purchases = np.where(is_alive, np.minimum(would_buy, rng.geometric(risk)), 0)
    return purchases, alive + lost


@BOTH
@pytest.mark.parametrize(("x", "t_x", "age"), [(0, 0.0, 20.0), (1, 3.0, 20.0), (4, 15.0, 20.0)])
def test_the_next_weeks_are_as_in_draws_from_the_models_story(
    model: BetaGeometric, x: int, t_x: float, age: float
) -> None:
    purchases, weight = drawn_future(model, x, t_x, age, 8.0, 2_000_000)
    weight = weight / weight.sum()
    effective = 1 / np.sum(weight**2)
    nothing, mean = np.sum(weight * (purchases == 0)), np.sum(weight * purchases)
    spread = np.sqrt(np.sum(weight * (purchases - mean) ** 2))

    assert float(model.p_no_purchase(x, t_x, age, 8.0)) == pytest.approx(nothing, abs=2.5 / np.sqrt(effective))
    assert float(model.expected_purchases(x, t_x, age, 8.0)) == pytest.approx(mean, abs=5 * spread / np.sqrt(effective))


@BOTH
@pytest.mark.parametrize(("x", "t_x", "age"), [(0, 0.0, 20.0), (1, 3.0, 20.0), (4, 15.0, 20.0)])
def test_no_purchase_is_as_likely_as_by_integration_over_rates_and_risks(
    model: BetaGeometric, x: int, t_x: float, age: float
) -> None:
    def likely(until: float, *, may_be_lost: bool) -> float:
        """Probability density of the history up to ``until``, without a purchase after t_x."""

        def given_rate(rate: float) -> float:
            run = x + (model.kind == "mbg")
            survived = special.beta(model.a, model.b + run) / special.beta(model.a, model.b)
            just_lost = special.beta(model.a + 1, model.b + run - 1) / special.beta(model.a, model.b) if run else 0.0
            silence = survived * np.exp(-rate * (until - t_x)) + may_be_lost * just_lost
            return float(
                stats.gamma.pdf(rate, model.r, scale=1 / model.alpha) * rate**x * np.exp(-rate * t_x) * silence
            )

        # Substituting rate = u^5 removes the pole of the density at 0.
        return float(integrate.quad(lambda u: given_rate(u**5) * 5 * u**4, 0, 2.5, epsabs=1e-13, limit=200)[0])

    whole = likely(age, may_be_lost=True)

    assert float(model.p_no_purchase(x, t_x, age, 8.0)) == pytest.approx(
        likely(age + 8, may_be_lost=True) / whole, rel=1e-7
    )
    assert float(model.p_alive(x, t_x, age)) == pytest.approx(likely(age, may_be_lost=False) / whole, rel=1e-7)


def test_one_time_buyers_are_surely_alive_in_bg_only() -> None:
    assert float(BG.p_alive(0, 0, 1000.0)) == 1
    assert float(MBG.p_alive(0, 0, 1000.0)) < 0.3
    assert float(BG.p_no_purchase(0, 0, 1000.0, 8.0)) > 0.99


def test_figures_stay_probabilities_for_thousands_of_purchases() -> None:
    for model in (BG, MBG):
        x, t_x, age = np.array([5000.0, 5000.0]), np.array([714.0, 1.0]), np.array([714.3, 714.3])
        with np.errstate(all="raise", under="ignore"):
            alive, silent = model.p_alive(x, t_x, age), model.p_no_purchase(x, t_x, age, 8.0)

        assert alive == pytest.approx([1, 0], abs=0.2)
        assert silent == pytest.approx(1 - alive, abs=1e-9)


def test_a_longer_horizon_brings_more_purchases_and_fewer_silent_customers() -> None:
    horizons = np.array([0, 1, 4, 8, 13, 52, 520])
    for model in (BG, MBG):
        expected = model.expected_purchases(2, 10.0, 12.0, horizons)
        silent = model.p_no_purchase(2, 10.0, 12.0, horizons)

        assert (expected[0], silent[0]) == (0, 1)
        assert np.all(np.diff(expected) > 0)
        assert np.all(np.diff(silent) < 0)
        assert silent[-1] > 1 - float(model.p_alive(2, 10.0, 12.0))


@pytest.fixture(scope="module")
def fitters() -> dict[str, Any]:
    """The library ``lifetimes`` with the parameters of ours, not fitted by it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter
    made = {"bg": BetaGeoFitter(), "mbg": ModifiedBetaGeoFitter()}
    for model in (BG, MBG):
        made[model.kind].params_ = {"r": model.r, "alpha": model.alpha, "a": model.a, "b": model.b}
    return made


@BOTH
def test_the_library_lifetimes_says_the_same(model: BetaGeometric, fitters: dict[str, Any]) -> None:
    theirs, weeks = fitters[model.kind], np.array([0.5, 4.0, 39.0])
    conditional = theirs.conditional_expected_number_of_purchases_up_to_time(13.0, X, T_X, AGE)
    logs = np.log([model.r, model.alpha, model.a, model.b])
    each = theirs._negative_log_likelihood(logs, X, T_X, AGE, np.ones(len(X)), 0.0)

    assert model.p_alive(X, T_X, AGE) == pytest.approx(theirs.conditional_probability_alive(X, T_X, AGE), rel=1e-10)
    assert model.expected_purchases(X, T_X, AGE, 13.0) == pytest.approx(conditional, rel=1e-9)
    assert model.expected_repeat_purchases(weeks) == pytest.approx(
        theirs.expected_number_of_purchases_up_to_time(weeks), rel=1e-9
    )
    assert log_likelihood(model, histories(X, T_X, AGE)) == pytest.approx(-each * len(X), rel=1e-10)


def test_the_papers_customers_have_its_likelihood() -> None:
    path = data_file("cdnow", "lifetimes", "lifetimes", "datasets/cdnow_customers_summary.csv")
    with path.open(encoding="ascii") as lines:
        rows = [(float(row["frequency"]), float(row["recency"]), float(row["T"])) for row in csv.DictReader(lines)]

    assert log_likelihood(BG, histories(*np.array(rows).T)) == pytest.approx(-9582.429, abs=0.01)


@pytest.mark.parametrize("kind", ["bg", "mbg"])
@given(logs=st.tuples(*[st.floats(-4, 4)] * 4))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_the_gradient_is_the_slope_of_the_likelihood(kind: Kind, logs: tuple[float, ...]) -> None:
    likelihood, at = Likelihood(histories(X, T_X, AGE, np.arange(1, 9)), kind), np.array(logs)
    gradient = likelihood(at)[1]
    for position, slope in enumerate(gradient):
        shift = np.zeros(4)
        shift[position] = 1e-5
        difference = (likelihood(at + shift)[0] - likelihood(at - shift)[0]) / 2e-5
        assert slope == pytest.approx(difference, rel=1e-5, abs=1e-4)


@BOTH
def test_a_model_expects_what_its_simulated_customers_buy(
    model: BetaGeometric, simulated: Callable[..., Histories]
) -> None:
    rows = simulated(model, 100_000, 4)
    spread = np.std(rows.x) * np.sqrt(len(rows.x))

    assert np.sum(rows.x) == pytest.approx(np.sum(model.expected_repeat_purchases(rows.age)), abs=4 * spread)


@pytest.mark.parametrize("values", [("bgx", 1, 1, 1, 1), ("bg", 0, 1, 1, 1), ("mbg", 1, 1, 1, float("nan"))])
def test_a_model_without_sense_is_refused(values: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError):
        BetaGeometric(*values)
