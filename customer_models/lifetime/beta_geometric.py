"""BG/NBD and MBG/NBD: customers buy at a rate of their own, and each purchase may be their last.

Purchases follow a Poisson process with rate λ ~ Gamma(r, α); after a purchase the customer is lost with probability
p ~ Beta(a, b). BG/NBD: after each repeat purchase (Fader, Hardie and Lee, "Counting your customers the easy way",
Marketing Science 2005). MBG/NBD: after the first purchase, too (Batislam, Denizel and Filiztekin, "Empirical validation
and comparison of models for customer base analysis", IJRM 2007; Wagner and Hoppe, erratum, IJRM 2008).

A customer with x repeat purchases has run the risk k times: k = x in BG/NBD and x + 1 in MBG/NBD. That is the whole
difference, so every formula below is written with k.
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, expit, gammaln

from customer_models.lifetime.expectation import expected_while_alive
from customer_models.lifetime.fitting import Fit, insufficient, maximise
from customer_models.lifetime.histories import WEEK_DAYS, Floats, Histories

Kind = Literal["bg", "mbg"]
NAMES = ("r", "alpha", "a", "b")

CUSTOMERS_MIN = 500
HISTORY_DAYS_MIN = 180
"""Days for which the base has been watched, up to the cut-off."""


@dataclass(frozen=True)
class BetaGeometric:
    """A model with its parameters, all positive; α in weeks.

    Raises:
        ValueError: another kind than ``bg`` and ``mbg``, or a parameter that is not above 0.
    """

    kind: Kind
    r: float
    alpha: float
    a: float
    b: float

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"no such model: {self.kind}")
        if not all(np.isfinite(value) and value > 0 for value in (self.r, self.alpha, self.a, self.b)):
            raise ValueError(f"all parameters must be above 0: {self}")

    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        """Probability of not having been lost up to the cut-off: 1 / (1 + a/(b+k−1) · ((α+T)/(α+t_x))^(r+x)).

        1 where k = 0: never publish 1 − p_alive of BG/NBD as the risk of one-time buyers. Fader, Hardie and Lee,
        "Computing P(alive) using the BG/NBD model" (note 021, 2008); Batislam and others 2007, appendix A, equation 5.
        The arguments, as in ``Histories``, may have any shapes that fit together; the result has theirs.
        """
        x, t_x, age = _shaped(x, t_x, age)
        k = x + _risks_before(self.kind)
        # Where k = 0 any number will do: the logarithm must exist, and the result is not used.
        odds = np.log(self.a / np.where(k > 0, self.b + k - 1, 1.0))
        odds += (self.r + x) * np.log((self.alpha + age) / (self.alpha + t_x))
        return np.where(k > 0, expit(-odds), 1.0)

    def p_no_purchase(self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike, horizon: npt.ArrayLike) -> Floats:
        """Probability of no purchase in the next H weeks: 1 − P(alive) · (1 − ((α+T)/(α+T+H))^(r+x)).

        Whoever is alive at the cut-off has run all risks up to it, in both models, and is lost at a purchase at the
        earliest. So an alive customer has no purchase with probability E[e^(−λH)], λ being Gamma(r + x, α + T) after
        what was seen: the difference of the models lies in P(alive) alone.
        """
        x, t_x, age, horizon = _shaped(x, t_x, age, horizon)
        p_purchase = -np.expm1(-(self.r + x) * np.log1p(horizon / (self.alpha + age)))
        return np.asarray(1 - self.p_alive(x, t_x, age) * p_purchase)

    def expected_purchases(
        self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike, horizon: npt.ArrayLike
    ) -> Floats:
        """Expected purchases E[Y(H) | x, t_x, T] in the next H weeks, a share of customers being lost already.

        P(alive) times the expectation while alive, whose p is Beta(a, b + k) and whose λ is Gamma(r + x, α + T).
        Fader, Hardie and Lee 2005, equation 10; Wagner and Hoppe 2008 for MBG/NBD.
        """
        x, t_x, age, horizon = _shaped(x, t_x, age, horizon)
        survive = self.b + x + _risks_before(self.kind)
        flat = (column.ravel() for column in (self.r + x, self.alpha + age, survive, horizon))
        shape, scale, survive, ahead = flat
        expected = expected_while_alive(shape, scale, self.a, survive, ahead).reshape(x.shape)
        return np.asarray(self.p_alive(x, t_x, age) * expected)

    def expected_repeat_purchases(self, weeks: npt.ArrayLike) -> Floats:
        """Expected repeat purchases E[X(t)] of a new customer in the t weeks after the first purchase.

        Fader, Hardie and Lee 2005, equation 9; for MBG/NBD b/(a+b) of the customers are left after the first purchase.
        """
        return self.expected_purchases(0.0, 0.0, 0.0, weeks)


def log_likelihood(model: BetaGeometric, histories: Histories) -> float:
    """Log-likelihood of the histories, with BG/NBD's equation 6 of Fader, Hardie and Lee 2005 (see ``objective``)."""
    logs = np.log([model.r, model.alpha, model.a, model.b])
    return Likelihood(histories, model.kind)(logs)[0]


class Likelihood:
    """Log-likelihood of the histories and its gradient, as functions of the logarithms of r, α, a and b.

    With δ = ln(a / (b+k−1)) + (r+x) ln((α+T)/(α+t_x)), the odds of having been lost, a history contributes
    ln Γ(r+x) − ln Γ(r) + r ln α − (r+x) ln(α+T) + ln B(a, b+k) − ln B(a, b) + [k > 0] ln(1 + e^δ).

    What depends on x, t_x or T alone is computed once per distinct value.
    """

    def __init__(self, rows: Histories, kind: Kind) -> None:
        self._x, self._x_at = np.unique(rows.x, return_inverse=True)
        self._t_x, self._t_x_at = np.unique(rows.t_x, return_inverse=True)
        self._age, self._age_at = np.unique(rows.age, return_inverse=True)
        self._k = self._x + _risks_before(kind)
        self._weight_of_x = np.bincount(self._x_at, rows.weight)
        self._weight_of_age = np.bincount(self._age_at, rows.weight)
        self._purchases_of_age = np.bincount(self._age_at, rows.weight * rows.x)
        risked = self._k[self._x_at] > 0
        self._x_at, self._t_x_at, self._age_at = self._x_at[risked], self._t_x_at[risked], self._age_at[risked]
        self._weight = rows.weight[risked]

    def __call__(self, logs: Floats) -> tuple[float, Floats]:
        """Log-likelihood and its gradient (array of 4) at the logarithms (array of 4)."""
        r, alpha, a, b = np.exp(logs)
        x, k, shape = self._x, self._k, r + self._x
        log_age, log_t_x = np.log(alpha + self._age), np.log(alpha + self._t_x)
        of_x, of_age = self._weight_of_x, self._weight_of_age
        total = np.sum(of_x * (gammaln(shape) - gammaln(r) + r * np.log(alpha)))
        total -= np.sum((r * of_age + self._purchases_of_age) * log_age)
        total += np.sum(of_x * (gammaln(b + k) - gammaln(b) + gammaln(a + b) - gammaln(a + b + k)))
        after = np.where(k > 0, b + k - 1, 1.0)

        span = log_age[self._age_at] - log_t_x[self._t_x_at]
        delta = np.log(a / after)[self._x_at] + shape[self._x_at] * span
        small = np.exp(-np.abs(delta))
        total += np.sum(self._weight * (np.maximum(delta, 0) + np.log1p(small)))
        lost = self._weight * np.where(delta >= 0, 1.0, small) / (1 + small)
        lost_of_x = np.bincount(self._x_at, lost, minlength=x.size)

        slope = (1 / (alpha + self._age))[self._age_at] - (1 / (alpha + self._t_x))[self._t_x_at]
        common = digamma(a + b) - digamma(a + b + k)
        gradient = np.array(
            [
                np.sum(of_x * (digamma(shape) - digamma(r) + np.log(alpha)))
                - np.sum(of_age * log_age)
                + np.sum(lost * span),
                np.sum(of_x) * r / alpha
                - np.sum((r * of_age + self._purchases_of_age) / (alpha + self._age))
                + np.sum(lost * shape[self._x_at] * slope),
                np.sum(of_x * common) + np.sum(lost) / a,
                np.sum(of_x * (common + digamma(b + k) - digamma(b))) - np.sum(lost_of_x / after),
            ]
        )
        return float(total), gradient * np.array([r, alpha, a, b])


def fit(
    histories: Histories,
    kind: Kind,
    *,
    customers_min: float = CUSTOMERS_MIN,
    history_days_min: float = HISTORY_DAYS_MIN,
    history_days: float | None = None,
) -> Fit:
    """The model of the highest likelihood, or why there is none: too few customers, days or repeat purchases.

    Args:
        histories: of all customers of the base, one-time buyers included.
        kind: ``bg`` or ``mbg``.
        customers_min: fewer customers (by weight) are not fitted.
        history_days_min: nor is a base that was watched for fewer days.
        history_days: for how many it was; without it, since its oldest customer's first purchase. Histories of a window
            need it: on the window's first days perhaps nobody buys.
    """
    count = math.fsum(histories.weight)
    if count < max(customers_min, 1):
        return insufficient(kind, f"{count:.0f} customers, {max(customers_min, 1):.0f} are needed", count)
    days = float(np.max(histories.age)) * WEEK_DAYS if history_days is None else history_days
    # Weeks that were divided may fall short of the day by a rounding.
    if days < history_days_min - 1e-6:
        return insufficient(kind, f"{days:.0f} days of history, {history_days_min:.0f} are needed", count)
    if np.max(histories.x) < 2:
        return insufficient(kind, "nobody bought three times", count)
    weeks = float(np.max(histories.age))
    starts = [(0.5, weeks / 8, 0.8, 2.5), (1.0, weeks / 4, 0.3, 3.0), (2.0, weeks / 4, 2.0, 10.0)]
    rows = histories.distinct()
    few = rows.sketch()
    return maximise(kind, NAMES, Likelihood(rows, kind), starts, count, Likelihood(few, kind) if few else None)


def model_of(fitted: Fit) -> BetaGeometric:
    """The model that a fit found. Raises ValueError where it found none."""
    if not fitted.has_parameters:
        raise ValueError(f"{fitted.model} has no parameters: {fitted.reason}")
    return BetaGeometric(fitted.model, **fitted.parameters)  # type: ignore[arg-type]


def _risks_before(kind: Kind) -> int:
    """How often a customer could be lost before any repeat purchase."""
    return 1 if kind == "mbg" else 0


def _shaped(*columns: npt.ArrayLike) -> list[Floats]:
    return [
        np.array(column) for column in np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in columns))
    ]
