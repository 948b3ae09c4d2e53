"""Scores turned into probabilities that come true, by what came of earlier scores."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import expit

from customer_models.lifetime import logistic
from customer_models.lifetime.measures import Floats

Method = Literal["raw", "platt", "isotonic"]
METHODS: tuple[Method, ...] = ("raw", "platt", "isotonic")
"""From the simplest on."""
EDGE = 1e-6
"""The log-odds of a score are taken between ``EDGE`` and 1 - ``EDGE``."""
FEWEST = 20
"""Of events, and of non-events: with fewer there is nothing to calibrate by, and scores stay as they are."""


@dataclass(frozen=True)
class Calibration:
    """What to do with a score; a row of coefficients, or of knots, is all that SQL needs.

    ``raw``: nothing. ``platt``: 1 / (1 + exp(-(intercept + slope log(score / (1 - score))))). ``isotonic``: straight
    lines between the ``knots`` (score, probability), level before the first and after the last.
    """

    method: Method
    intercept: float = 0.0
    slope: float = 1.0
    knots: tuple[tuple[float, float], ...] = ()

    def apply(self, score: Floats) -> Floats:
        """The probabilities of these scores."""
        if self.method == "platt":
            return np.asarray(expit(self.intercept + self.slope * log_odds(score)), dtype=np.float64)
        return along(self.knots, score) if self.method == "isotonic" else score


RAW = Calibration("raw")


def fit(method: Method, score: Floats, outcome: Floats) -> Calibration:
    """A calibration by this method, or ``RAW`` where the rows do not carry it."""
    events = float(outcome.sum())
    if method == "raw" or min(events, len(outcome) - events) < FEWEST:
        return RAW
    return _platt(score, outcome) if method == "platt" else Calibration("isotonic", knots=knots(score, outcome))


def log_odds(score: Floats) -> Floats:
    """log(p / (1 - p)), finite for 0 and 1 too."""
    inside = np.clip(score, EDGE, 1 - EDGE)
    return np.asarray(np.log(inside / (1 - inside)), dtype=np.float64)


def knots(values: Floats, outcome: Floats) -> tuple[tuple[float, float], ...]:
    """The rising function of ``values`` nearest to the outcomes: both ends of each of its level pieces.

    Pooled adjacent violators (Barlow, Bartholomew, Bremner and Brunk, "Statistical inference under order restrictions",
    1972). Its levels stay within 1 / (n + 2) of 0 and 1: n customers of whom none stayed away do not prove that
    nobody will.
    """
    distinct, members, sizes = np.unique(values, return_inverse=True, return_counts=True)
    sums = np.bincount(members, outcome, len(distinct))
    pooled = isotonic_regression(sums / sizes, weights=sizes)
    least = 1 / (len(values) + 2)
    levels = np.clip(pooled.x, least, 1 - least)
    found: list[tuple[float, float]] = []
    for start, end in pairwise(pooled.blocks):
        ends = sorted({float(distinct[start]), float(distinct[end - 1])})
        found += [(value, float(levels[start])) for value in ends]
    return tuple(found)


def along(points: tuple[tuple[float, float], ...], values: Floats) -> Floats:
    """Straight lines between knots."""
    at, levels = zip(*points, strict=True)
    return np.asarray(np.interp(values, at, levels), dtype=np.float64)


def _platt(score: Floats, outcome: Floats) -> Calibration:
    """Logistic regression on the log-odds of the score.

    The targets are (k + 1) / (k + 2) for k events and 1 / (n - k + 2) for the others, so that a score which separates
    them has finite coefficients too (Platt, "Probabilistic outputs for support vector machines", 1999). A score that
    falls where events are more frequent is left alone: turning it round is no calibration.
    """
    events = float(outcome.sum())
    targets = np.where(outcome == 1, (events + 1) / (events + 2), 1 / (len(outcome) - events + 2))
    found = logistic.fit(log_odds(score)[:, None], targets, ("log_odds",), penalty=0.0)
    slope = found.coefficients[0] / found.scales[0]
    if not found.is_converged or slope <= 0:
        return RAW
    return Calibration("platt", intercept=found.intercept - slope * found.means[0], slope=slope)
