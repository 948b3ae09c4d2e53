"""Expected amounts, and the likelihood with its slope."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from customer_models.lifetime import gamma_gamma
from customer_models.lifetime.gamma_gamma import GammaGamma, Likelihood, log_likelihood
from customer_models.lifetime.histories import amounts

MODEL = GammaGamma(6.25, 3.744, 15.443)
X, MEAN = np.array([1.0, 2, 5, 300]), np.array([11.77, 30.0, 0.5, 250.0])


def test_the_likelihood_is_that_of_gamma_amounts_with_gamma_scales() -> None:
    def density(x: float, mean: float) -> float:
        def given_scale(nu: float) -> float:
            amount = stats.gamma.pdf(mean, MODEL.p * x, scale=1 / (nu * x))
            return float(amount * stats.gamma.pdf(nu, MODEL.q, scale=1 / MODEL.v))

        return float(integrate.quad(given_scale, 0, 5, epsabs=1e-14, limit=300, points=[0.1, 0.5])[0])

    each = [np.log(density(x, mean)) for x, mean in ((1, 11.77), (2, 30.0), (5, 40.0))]

    assert log_likelihood(MODEL, amounts([1, 2, 5], [11.77, 30, 40])) == pytest.approx(sum(each), rel=1e-8)


@given(logs=st.tuples(st.floats(-3, 4), st.floats(-3, 4), st.floats(-3, 8)))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_the_gradient_is_the_slope_of_the_likelihood(logs: tuple[float, ...]) -> None:
    likelihood, at = Likelihood(amounts(X, MEAN, [1, 2, 3, 4])), np.array(logs)
    gradient = likelihood(at)[1]
    for position, slope in enumerate(gradient):
        shift = np.zeros(3)
        shift[position] = 1e-5
        difference = (likelihood(at + shift)[0] - likelihood(at - shift)[0]) / 2e-5
        assert slope == pytest.approx(difference, rel=1e-5, abs=1e-3)


def test_the_library_lifetimes_expects_the_same_amounts() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifetimes import GammaGammaFitter
    theirs = GammaGammaFitter()
    theirs.params_ = {"p": MODEL.p, "q": MODEL.q, "v": MODEL.v}

    assert MODEL.expected_order_amount(X, MEAN) == pytest.approx(
        theirs.conditional_expected_average_profit(X, MEAN), rel=1e-12
    )


def test_who_bought_once_is_expected_to_spend_what_all_do_and_others_are_drawn_to_it() -> None:
    everyone = MODEL.p * MODEL.v / (MODEL.q - 1)
    few, many = MODEL.expected_order_amount(1, 100.0), MODEL.expected_order_amount(100, 100.0)

    assert float(MODEL.expected_order_amount(0, np.nan)) == pytest.approx(everyone)
    assert everyone < float(few) < float(many) < 100
    assert float(many) == pytest.approx(100, rel=0.01)


def test_an_amount_below_zero_counts_as_zero_and_an_infinite_mean_is_said_to_be_one() -> None:
    heavy = GammaGamma(0.4, 0.9, 10.0)

    assert float(MODEL.expected_order_amount(3, -50.0)) == float(MODEL.expected_order_amount(3, 0.0)) > 0
    assert float(heavy.expected_order_amount(0, 0.0)) == np.inf
    assert np.isfinite(heavy.expected_order_amount(1, 5.0))


def test_parameters_of_simulated_amounts_are_found_again() -> None:
    rng = np.random.default_rng(6)
    x = rng.integers(1, 12, 20_000).astype(float)
    mean = rng.gamma(MODEL.p * x) / x / rng.gamma(MODEL.q, 1 / MODEL.v, x.size)
    found = gamma_gamma.fit(amounts(x, mean))

    for name, value in found.parameters.items():
        assert abs(value - getattr(MODEL, name)) < 4 * found.standard_errors[name]
        assert found.standard_errors[name] < 0.1 * value
