"""Gamma-Gamma: the mean amount of a customer's purchases, drawn towards that of all the more the fewer were seen.

Fader and Hardie, "The Gamma-Gamma model of monetary value" (note 025, 2013); Fader, Hardie and Lee, "RFM and CLV", JMR
2005. Amounts of a customer are Gamma(p, ν) with ν ~ Gamma(q, v). It takes amounts to be independent of frequency.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, gammaln

from customer_models.lifetime.fitting import Fit, insufficient, maximise
from customer_models.lifetime.histories import Amounts, Floats

NAMES = ("p", "q", "v")

REPEAT_CUSTOMERS_MIN = 100
"""Customers with a positive mean amount of repeat purchases."""


@dataclass(frozen=True)
class GammaGamma:
    """The model's parameters, all positive; v in the currency of the amounts.

    Raises:
        ValueError: a parameter that is not above 0.
    """

    p: float
    q: float
    v: float

    def __post_init__(self) -> None:
        if not all(np.isfinite(value) and value > 0 for value in (self.p, self.q, self.v)):
            raise ValueError(f"all parameters must be above 0: {self}")

    def expected_order_amount(self, x: npt.ArrayLike, mean: npt.ArrayLike) -> Floats:
        """Expected mean amount of a customer's purchases: p (v + x m) / (p x + q − 1), equation 5 of note 025.

        ``x`` repeat purchases of the mean amount ``mean``; where x is 0 the mean is not looked at, and the result is
        that of all customers, p v / (q − 1). A mean below 0 counts as 0. Infinite where p x + q is not above 1.
        """
        number, amount = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(mean, dtype=np.float64))
        total = np.where(number > 0, number * np.maximum(amount, 0), 0.0)
        below = self.p * number + self.q - 1
        infinite = np.full(below.shape, np.inf)
        return np.asarray(np.divide(self.p * (self.v + total), below, out=infinite, where=below > 0))


def log_likelihood(model: GammaGamma, amounts: Amounts) -> float:
    """Log-likelihood of the positive mean amounts, equation 1a of note 025 (see ``Likelihood``)."""
    return Likelihood(amounts.positive())(np.log([model.p, model.q, model.v]))[0]


class Likelihood:
    """Log-likelihood of the positive mean amounts and its gradient, as functions of the logarithms of p, q and v.

    A customer with x purchases of the mean amount m contributes
    ln Γ(px+q) − ln Γ(px) − ln Γ(q) + q ln v + (px−1) ln m + px ln x − (px+q) ln(xm+v).
    """

    def __init__(self, rows: Amounts) -> None:
        self._rows = rows

    def __call__(self, logs: Floats) -> tuple[float, Floats]:
        """Log-likelihood and its gradient (array of 3) at the logarithms (array of 3)."""
        p, q, v = np.exp(logs)
        x, m, weight = self._rows.x, self._rows.mean, self._rows.weight
        shape, log_all = p * x + q, np.log(x * m + v)
        log_sum = np.log(x * m)
        each = (
            gammaln(shape) - gammaln(p * x) - gammaln(q) + q * np.log(v) - np.log(m) + p * x * log_sum - shape * log_all
        )
        common = digamma(shape) - log_all
        gradient = np.array(
            [
                np.sum(weight * x * (common - digamma(p * x) + log_sum)),
                np.sum(weight * (common - digamma(q) + np.log(v))),
                np.sum(weight * (q / v - shape / (x * m + v))),
            ]
        )
        return float(np.sum(weight * each)), gradient * np.array([p, q, v])


def fit(amounts: Amounts, *, customers_min: float = REPEAT_CUSTOMERS_MIN) -> Fit:
    """The model of the highest likelihood over customers with a positive mean amount, or why there is none.

    q ≤ 1 counts as not identified: the mean amount of all customers would be infinite.

    Args:
        amounts: of the customers; those without repeat purchases or of a mean of 0 or less are left out.
        customers_min: fewer customers (by weight) are not fitted.
    """
    rows = amounts.positive()
    count = float(np.sum(rows.weight))
    if count < max(customers_min, 1):
        reason = f"{count:.0f} customers with a positive repeat amount, {max(customers_min, 1):.0f} are needed"
        return insufficient("gamma_gamma", reason, count)
    # In units of the mean amount, so that the currency decides nothing. The density of m is that of m / unit over unit.
    unit = float(np.sum(rows.weight * rows.mean)) / count
    starts = [(p, q, (q - 1) / p) for p, q in ((2.0, 4.0), (6.0, 3.0), (1.0, 2.0))]
    rows = Amounts(rows.x, rows.mean / unit, rows.weight)
    few = rows.sketch()
    found = maximise("gamma_gamma", NAMES, Likelihood(rows), starts, count, Likelihood(few) if few else None)
    if found.log_likelihood is None:
        return found
    if found.parameters["q"] <= 1:
        return Fit("gamma_gamma", "not_identified", "q is not above 1: amounts have no finite mean", count)
    return replace(
        found,
        parameters={**found.parameters, "v": found.parameters["v"] * unit},
        standard_errors={name: error * unit if name == "v" else error for name, error in found.standard_errors.items()},
        log_likelihood=found.log_likelihood - count * math.log(unit),
    )


def model_of(fitted: Fit) -> GammaGamma:
    """The model that a fit found. Raises ValueError where it found none."""
    if not fitted.has_parameters:
        raise ValueError(f"{fitted.model} has no parameters: {fitted.reason}")
    return GammaGamma(**fitted.parameters)
