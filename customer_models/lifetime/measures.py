"""How good a forecast was: of an event with a probability, and of an amount.

None where a measure is not defined, such as a ranking of customers who all did the same.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

BINS = 10
SIMULATIONS = 500
LARGE = 5_000
"""From so many rows on, the outcomes of a bin are as good as normally distributed."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Decile:
    """A tenth of the rows by score; 10 has the highest scores. Equal scores share their outcomes evenly."""

    number: int
    count: int
    mean_predicted: float
    mean_actual: float
    sum_predicted: float
    sum_actual: float


def auc(score: Floats, outcome: Floats) -> float | None:
    """The chance that a random event has a higher score than a random non-event; equal scores count one half.

    The Mann-Whitney statistic over mid-ranks: (R - k (k + 1) / 2) / (k (n - k)) with R the sum of the ranks of the k
    events (Hanley and McNeil, "The meaning and use of the area under a ROC curve", 1982).
    """
    events = int(outcome.sum())
    others = len(outcome) - events
    if not events or not others:
        return None
    ranks = rankdata(score)
    return float((np.sum(ranks[outcome == 1]) - events * (events + 1) / 2) / (events * others))


def brier(score: Floats, outcome: Floats) -> float | None:
    """The mean of (score - outcome)² (Brier, "Verification of forecasts expressed in terms of probability", 1950)."""
    return float(np.mean((score - outcome) ** 2)) if len(score) else None


def ratio_of_totals(predicted: Floats, actual: Floats) -> float | None:
    """The sum of the predictions over that of what came."""
    total = float(np.sum(actual))
    return float(np.sum(predicted)) / total if total else None


def gini(predicted: Floats, actual: Floats) -> float | None:
    """Twice the area between the diagonal and the share of ``actual`` that customers bring, lowest prediction first.

    2 Σ aᵢ (Rᵢ - ½) / (n Σ aᵢ) - 1 with R the mid-ranks of the predictions: the concentration index (Kakwani, Wagstaff
    and van Doorslaer, "Socioeconomic inequalities in health", 1997). Ranked by ``actual`` itself it is the Gini
    coefficient, which no ranking exceeds; a random ranking has 0.
    """
    total = float(np.sum(actual))
    if total <= 0:
        return None
    return 2 * float(np.sum(actual * (rankdata(predicted) - 0.5))) / (len(actual) * total) - 1


def normalised_gini(predicted: Floats, actual: Floats) -> float | None:
    """``gini`` as a share of what the best ranking would reach: 1 for the order of the actual amounts."""
    found, best = gini(predicted, actual), gini(actual, actual)
    return found / best if found is not None and best else None


def calibration_error(score: Floats, outcome: Floats) -> float | None:
    """By how much the mean score misses the share of events, on average over ten bins of equally many rows."""
    if not len(score):
        return None
    groups = _groups(score)
    return _gap(groups, _sums(groups, outcome))


def calibration_bound(score: Floats, *, seed: int = 1) -> float | None:
    """The calibration error that a perfect scorer with these scores stays under in 95 of 100 cases.

    The 95 % quantile over ``SIMULATIONS`` draws of the outcomes from the scores themselves: chance alone moves the
    error of a few thousand rows to more than .01, so that a constant would be no fair bound (Bröcker and Smith,
    "Increasing the reliability of reliability diagrams", 2007).
    """
    if not len(score):
        return None
    groups = _groups(score)
    sizes, chances = groups.sizes, np.clip(groups.scores, 0, 1)
    if len(score) > LARGE:
        spread = np.sqrt(_binned(groups, sizes * chances * (1 - chances)))
        missed = np.random.default_rng(seed).normal(size=(SIMULATIONS, len(spread))) * spread
    else:
        came = _uniform(len(score), seed) < np.repeat(chances, sizes)
        starts = np.cumsum(sizes) - sizes
        events = came if len(starts) == len(score) else np.add.reduceat(came, starts, axis=1, dtype=np.int16)
        missed = np.column_stack(
            [events[:, part] @ share - (sizes * groups.scores)[part] @ share for part, share in groups.shares]
        )
    gaps = np.abs(missed).sum(axis=1) / len(score)
    return float(np.quantile(gaps, 0.95))


@lru_cache(maxsize=1)
def _uniform(count: int, seed: int) -> Floats:
    """Simulation × row. Scorers of the same customers share them."""
    return np.random.default_rng(seed).random((SIMULATIONS, count))


def decile_table(score: Floats, actual: Floats) -> tuple[Decile, ...]:
    """Tenths of the rows by score, lowest first; with fewer than ten rows some are left out."""
    if not len(score):
        return ()
    groups = _groups(score)
    counts = _binned(groups, groups.sizes)
    predicted = _binned(groups, groups.sizes * groups.scores)
    sums = _binned(groups, _sums(groups, actual))
    return tuple(
        Decile(
            number=number + 1,
            count=round(counts[number]),
            mean_predicted=float(predicted[number] / counts[number]),
            mean_actual=float(sums[number] / counts[number]),
            sum_predicted=float(predicted[number]),
            sum_actual=float(sums[number]),
        )
        for number in range(BINS)
        if round(counts[number])
    )


@dataclass(frozen=True)
class _Groups:
    """Distinct scores, ascending. ``shares``: of a group's rows that fall into a bin, bin × group."""

    scores: Floats
    sizes: npt.NDArray[np.int64]
    members: npt.NDArray[np.int64]
    shares: tuple[tuple[slice, Floats], ...]


def _groups(score: Floats) -> _Groups:
    scores, members, sizes = np.unique(score, return_inverse=True, return_counts=True)
    ends = np.cumsum(sizes)
    starts = ends - sizes
    edges = [number * len(score) // BINS for number in range(BINS + 1)]
    shares = []
    for low, high in pairwise(edges):
        part = slice(int(np.searchsorted(ends, low, side="right")), int(np.searchsorted(starts, high)))
        overlap = np.minimum(ends[part], high) - np.maximum(starts[part], low)
        shares.append((part, overlap / sizes[part]))
    return _Groups(scores, sizes, members, tuple(shares))


def _sums(groups: _Groups, values: Floats) -> Floats:
    """Per distinct score, added in ascending order, so that the order of rows does not matter."""
    order = np.lexsort((values, groups.members))
    return np.asarray(np.bincount(groups.members[order], values[order], len(groups.scores)), dtype=np.float64)


def _binned(groups: _Groups, sums: npt.ArrayLike) -> Floats:
    values = np.asarray(sums, dtype=np.float64)
    return np.array([float(values[part] @ share) for part, share in groups.shares])


def _gap(groups: _Groups, outcomes: npt.ArrayLike) -> float:
    missed = groups.sizes * groups.scores - np.asarray(outcomes)
    return float(np.abs(_binned(groups, missed)).sum() / groups.sizes.sum())
