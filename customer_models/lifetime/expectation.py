"""The expected number of purchases of a customer who is still there, by whichever of two ways is exact and quick.

Given the rate λ and the probability p of being lost with each purchase, H weeks bring (1 − e^(−λpH)) / p purchases on
average. The mean of that over λ ~ Gamma(R, A) and p ~ Beta(a, B), for short E, is what this module computes.
dbt_project/macros/lifetime.sql holds the same formulas in SQL.
"""

import numpy as np
from scipy.special import betaln

from customer_models.lifetime.histories import Floats

TERMS_MAX = 200
"""Longer sums cost more than the quadrature."""

CANCELLING = -15.0
"""Below it the terms of the series alternate at first and would lose more than five digits."""

NODES = 120
NODE_ROWS = 20_000
"""Rows that the quadrature takes at a time, so that it needs less than 100 MB."""

TAIL = 26.0
"""Both ends of the quadrature stop where the weight has fallen to e^−26 = 5e-12."""


def expected_while_alive(rate_shape: Floats, rate_scale: Floats, a: float, survive: Floats, horizon: Floats) -> Floats:
    """E[(1 − e^(−λpH)) / p] for λ ~ Gamma(R, rate A) and p ~ Beta(a, B): expected purchases in the next H weeks.

    With z = H / (A + H) this is (a + B − 1) / (a − 1) · (1 − (1 − z)^R ₂F₁(R, B; a + B − 1; z)) (Fader, Hardie and Lee
    2005, equation 10). Two other forms have neither the pole at a = 1 nor that at a + B = 1, and none overflows:
    ``_series`` where few terms suffice, ``_quadrature`` elsewhere (z near 1, or rates that hardly differ). Both are
    right to 1e-10, relative for values above 1 and absolute below, for a and b of .02 to 50 and r up to 20.

    Args:
        rate_shape: R = r + x, above 0; array of n.
        rate_scale: A = α + T, above 0; array of n.
        a: first parameter of the beta distribution, above 0.
        survive: B, the second one after all purchases so far, above 0; array of n.
        horizon: H in weeks, from 0; array of n.
    """
    z = horizon / (rate_scale + horizon)
    with np.errstate(divide="ignore"):
        # The terms fall as z^n n^(a − 2 − R) in the end; how many make 1e-11 was found by trial.
        terms = 4 + np.ceil((26 + 2 * a) / -np.log(z))
    is_short = (terms <= TERMS_MAX) & (a - 1 + survive - rate_shape >= CANCELLING)
    expected = np.empty(z.shape)
    columns = (rate_shape, rate_scale, survive, horizon)
    expected[is_short] = _series(a, terms[is_short], *(column[is_short] for column in columns))
    rest = np.flatnonzero(~is_short)
    for start in range(0, rest.size, NODE_ROWS):
        rows = rest[start : start + NODE_ROWS]
        expected[rows] = _quadrature(a, *(column[rows] for column in columns))
    return expected


def _series(a: float, terms: Floats, shape: Floats, scale: Floats, survive: Floats, horizon: Floats) -> Floats:
    """E by Euler's transformation (Abramowitz and Stegun 15.3.3).

    (1 − z)^R ₂F₁(R, B; c; z) = (1 − z)^(a−1) ₂F₁(d, a − 1; c; z) with c = a + B − 1 and d = c − R. The leading 1 of the
    sum is taken to the 1 before it, and what is left is divided by a − 1:
    E = c (1 − (1 − z)^(a−1)) / (a − 1) − (1 − z)^(a−1) d z (1 + q₁ (1 + q₂ (1 + …))),
    q_m = (d + m) (a − 1 + m) z / ((c + m) (m + 1)).
    """
    order = np.argsort(-terms, kind="stable")
    shape, scale, survive, horizon = (column[order] for column in (shape, scale, survive, horizon))
    z = horizon / (scale + horizon)
    c = a + survive - 1
    d = c - shape
    total = np.ones(z.shape)
    count = int(terms.max(initial=0))
    lengths = np.searchsorted(-terms[order], -np.arange(count + 1), side="right")
    for m in range(count, 0, -1):
        # Rows with shorter sums stand behind and join in later.
        rows = slice(0, lengths[m])
        total[rows] = 1 + (d[rows] + m) * (a - 1 + m) * z[rows] / ((c[rows] + m) * (m + 1)) * total[rows]
    log_ratio = np.log1p(horizon / scale)
    lost = log_ratio if a == 1 else -np.expm1((1 - a) * log_ratio) / (a - 1)
    expected = np.empty(z.shape)
    expected[order] = c * lost - np.exp((1 - a) * log_ratio) * d * z * total
    return expected


def _quadrature(a: float, shape: Floats, scale: Floats, survive: Floats, horizon: Floats) -> Floats:
    """E as an integral over y = ln(p / (1 − p)) by the midpoint rule, which converges exponentially there.

    Over λ the mean is f(p) = (1 − (1 + pH/A)^−R) / p. The straight line between f(0) = RH/A and f(1) is integrated in
    closed form; the rest vanishes at both ends, so that its weight falls as e^((a+1)y) and e^(−(B+1)y).
    """
    ratio = horizon / scale
    at_0, at_1 = shape * ratio, -np.expm1(-shape * np.log1p(ratio))
    width = np.sqrt(1 / (a + 1) + 1 / (survive + 1))
    centre = np.log((a + 1) / (survive + 1))
    low = centre - TAIL / (a + 1) - 6 * width
    step = (centre + TAIL / (survive + 1) + 6 * width - low) / NODES
    y = low[:, None] + step[:, None] * (np.arange(NODES) + 0.5)
    p, q = 1 / (1 + np.exp(-y)), 1 / (1 + np.exp(y))
    value = -np.expm1(-shape[:, None] * np.log1p(p * ratio[:, None])) / p - at_0[:, None] * q - at_1[:, None] * p
    weight = np.exp(a * y - (a + survive)[:, None] * np.logaddexp(0, y) - betaln(a, survive)[:, None])
    line = (at_0 * survive + at_1 * a) / (a + survive)
    return np.asarray(line + step * np.sum(weight * value, axis=1), dtype=np.float64)
