"""Whether one scorer is better than another on the same customers, or may be so by chance."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from customer_models.lifetime.measures import Floats

DRAWS = 1000
FEWEST = 30
"""Fewer rows give no interval: resampling three customers would call any difference certain."""
LARGE = 5000
"""From so many rows on, the means of the draws are normally distributed, and drawing them would only take time."""
BLOCK = 100


@dataclass(frozen=True)
class Interval:
    """A mean difference with its 95 % interval; no ends where there are too few rows to tell."""

    difference: float
    low: float | None
    high: float | None

    @property
    def ends(self) -> tuple[float | None, float | None]:
        """Both of them."""
        return self.low, self.high

    @property
    def is_below_zero(self) -> bool:
        """The first scorer loses less, and not by chance."""
        return self.high is not None and self.high < 0

    @property
    def excludes_zero(self) -> bool:
        """One of the two loses less, and not by chance."""
        return self.is_below_zero or (self.low is not None and self.low > 0)


def brier_difference(score: Floats, other: Floats, outcome: Floats, *, seed: int = 1) -> Interval:
    """The difference of the Brier scores, ``score`` less ``other``: below zero where ``score`` is better."""
    return mean_difference((score - outcome) ** 2, (other - outcome) ** 2, seed=seed)


def mean_difference(losses: Floats, others: Floats, *, seed: int = 1) -> Interval:
    """The mean of ``losses - others`` over pairs, with the middle 95 % of the means of ``DRAWS`` resamples of pairs.

    The percentile interval of the paired bootstrap (Efron and Tibshirani, "An introduction to the bootstrap", 1993,
    chapter 13). Rows are drawn from the sorted differences: their order makes no difference.

    Args:
        losses: of the first scorer, a row per customer.
        others: of the second scorer, the same rows.
        seed: of the draws.

    Raises:
        ValueError: there are no rows, or not equally many.
    """
    if len(losses) != len(others) or not len(losses):
        raise ValueError(f"{len(losses)} and {len(others)} losses are no pairs")
    differences = np.sort(losses - others)
    count = len(differences)
    mean = float(np.sum(differences)) / count
    if count < FEWEST:
        return Interval(mean, None, None)
    if differences[0] == differences[-1]:
        return Interval(mean, mean, mean)
    if count > LARGE:
        error = 1.959964 * float(differences.std()) / float(np.sqrt(count))
        return Interval(mean, mean - error, mean + error)
    drawn = _times_drawn(count, seed)
    # In blocks that stay in the cache as floats.
    means = [drawn[start : start + BLOCK] @ differences / count for start in range(0, DRAWS, BLOCK)]
    low, high = np.quantile(np.concatenate(means), (0.025, 0.975))
    return Interval(mean, float(low), float(high))


@lru_cache(maxsize=1)
def _times_drawn(count: int, seed: int) -> npt.NDArray[np.uint8]:
    """How often each row is in each resample: draw × row. Scorers of the same customers share them."""
    rng = np.random.default_rng(seed)
    drawn = np.empty((DRAWS, count), dtype=np.uint8)
    for row in drawn:
        row[:] = np.bincount(rng.integers(0, count, count), minlength=count)
    return drawn
