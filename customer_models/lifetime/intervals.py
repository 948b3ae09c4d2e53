"""How far a total would move with parameters that fit the data almost as well."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from customer_models.lifetime.fitting import Fit
from customer_models.lifetime.histories import Floats

DRAWS = 200
LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """The middle ``level`` of the totals; infinite where a total is for some of the parameters."""

    low: float
    high: float
    level: float


def drawn_parameters(fitted: Fit, *, draws: int = DRAWS, seed: int = 1) -> list[dict[str, float]]:
    """Parameters as uncertain as the fit: logarithms are drawn from the normal distribution with its covariance.

    The large-sample distribution of a maximum-likelihood estimate (Cox and Hinkley, "Theoretical statistics", 1974,
    section 9.2); in logarithms, so that every draw is positive. The same fit and seed give the same draws.

    Raises:
        ValueError: the fit is not one that was ``fitted``.
    """
    if not fitted.is_fitted or fitted.covariance is None:
        raise ValueError(f"{fitted.model} has no parameters: {fitted.reason}")
    names = list(fitted.parameters)
    root = np.linalg.cholesky(fitted.covariance)
    normal = np.random.default_rng(seed).standard_normal((draws, len(names)))
    logs: Floats = np.log([fitted.parameters[name] for name in names]) + np.sum(normal[:, None, :] * root, axis=2)
    return [dict(zip(names, map(float, row), strict=True)) for row in np.exp(logs)]


def interval_of_total(
    total: Callable[..., float], *fits: Fit, draws: int = DRAWS, seed: int = 1, level: float = LEVEL
) -> Interval:
    """The interval of a total that is a function of the parameters of one or several fits.

    It holds the uncertainty of the parameters only: for a total of many customers that is most of it, for a single one
    it is not.

    Args:
        total: takes one mapping of parameters per fit, in their order, and gives a number that is not NaN.
        fits: all of state ``fitted``; they are drawn apart.
        draws: how many.
        seed: of the draws.
        level: share of the totals in the interval.

    Raises:
        ValueError: a fit without parameters, or a total that is not a number.
    """
    drawn: list[list[dict[str, float]]] = [
        drawn_parameters(fitted, draws=draws, seed=seed + number) for number, fitted in enumerate(fits)
    ]
    totals = np.array([_number(total, row) for row in zip(*drawn, strict=True)])
    # No interpolation: between a number and infinity there is none.
    low, high = np.quantile(totals, ((1 - level) / 2, (1 + level) / 2), method="inverted_cdf")
    return Interval(float(low), float(high), level)


def _number(total: Callable[..., float], parameters: tuple[Mapping[str, float], ...]) -> float:
    value = float(total(*parameters))
    if np.isnan(value):
        raise ValueError(f"the total is not a number with {parameters}")
    return value
