"""What the models know of each customer: how often, until when and for how long it could have bought, and its amounts.

Equal customers stand in one row with their number as its weight, in a fixed order, so that neither the order of rows
nor the way they were grouped before moves a result.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
WEEK_DAYS = 7.0
SKETCHED = 2_000
"""Rows in which a likelihood has its peak near that of all of them."""


@dataclass(frozen=True, eq=False)
class Histories:
    """Purchase histories up to a cut-off day: arrays of one length, one element per group of equal customers.

    Args:
        x: repeat purchases, days with a purchase after the first one; whole numbers.
        t_x: weeks from the first to the last purchase; 0 exactly where x is 0.
        age: weeks from the first purchase to the cut-off (T in the literature), at least t_x.
        weight: number of customers, above 0.

    Raises:
        ValueError: arrays of different shapes, or histories that cannot be.
    """

    x: Floats
    t_x: Floats
    age: Floats
    weight: Floats

    def __post_init__(self) -> None:
        _check_shapes(self.x, self.t_x, self.age, self.weight)
        _check(self.x, "x must be whole numbers from 0", (self.x >= 0) & (self.x == np.floor(self.x)))
        _check(self.age, "age must be a number of weeks from 0", self.age >= 0)
        _check(self.t_x, "t_x must lie between 0 and age", (self.t_x >= 0) & (self.t_x <= self.age))
        _check(self.t_x, "t_x must be 0 where x is 0, and only there", (self.x == 0) == (self.t_x == 0))
        _check(self.weight, "weight must be above 0", self.weight > 0)

    def distinct(self) -> "Histories":
        """The same customers, equal ones in one row with their weights added, in ascending order of x, t_x, age."""
        (x, t_x, age), weight = _grouped((self.x, self.t_x, self.age), self.weight)
        return Histories(x, t_x, age, weight)

    def sketch(self) -> "Histories | None":
        """Every so many-th row of ``distinct`` with its neighbours' weight, None where there are few enough."""
        thinned = _thinned(self.x, self.t_x, self.age, self.weight)
        return Histories(*thinned) if thinned else None


@dataclass(frozen=True, eq=False)
class Amounts:
    """Mean amounts of repeat purchases: arrays of one length, one element per group of equal customers.

    Args:
        x: repeat purchases; whole numbers from 0.
        mean: mean amount of those purchases, in any currency; anything (also NaN) where x is 0.
        weight: number of customers, above 0.

    Raises:
        ValueError: arrays of different shapes, or amounts that are not finite although there were purchases.
    """

    x: Floats
    mean: Floats
    weight: Floats

    def __post_init__(self) -> None:
        _check_shapes(self.x, self.mean, self.weight)
        _check(self.x, "x must be whole numbers from 0", (self.x >= 0) & (self.x == np.floor(self.x)))
        _check(np.where(self.x > 0, self.mean, 0.0), "mean must be known where x is above 0", self.x >= 0)
        _check(self.weight, "weight must be above 0", self.weight > 0)

    def positive(self) -> "Amounts":
        """The customers with repeat purchases of a positive mean amount, equal ones in one row, in ascending order."""
        kept = (self.x > 0) & (self.mean > 0)
        (x, mean), weight = _grouped((self.x[kept], self.mean[kept]), self.weight[kept])
        return Amounts(x, mean, weight)

    def sketch(self) -> "Amounts | None":
        """Every so many-th row of ``positive`` with its neighbours' weight, None where there are few enough."""
        thinned = _thinned(self.x, self.mean, self.weight)
        return Amounts(*thinned) if thinned else None


def histories(
    x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> Histories:
    """``Histories`` of anything like arrays; without weights each element is one customer. Raises as that does."""
    columns = _floats(x, t_x, age)
    return Histories(*columns, *_floats(np.ones(columns[0].shape) if weight is None else weight))


def amounts(x: npt.ArrayLike, mean: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> Amounts:
    """``Amounts`` of anything like arrays; without weights each element is one customer. Raises as that does."""
    columns = _floats(x, mean)
    return Amounts(*columns, *_floats(np.ones(columns[0].shape) if weight is None else weight))


def _floats(*columns: npt.ArrayLike) -> list[Floats]:
    return [np.asarray(column, dtype=np.float64) for column in columns]


def _check_shapes(*columns: Floats) -> None:
    if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
        raise ValueError(f"columns of one length are needed, not of {[column.shape for column in columns]}")


def _check(column: Floats, rule: str, holds: npt.NDArray[np.bool_]) -> None:
    wrong = np.flatnonzero(~(np.isfinite(column) & holds))
    if wrong.size:
        raise ValueError(f"{rule}: {wrong.size} rows differ, the first is row {wrong[0]}")


def _thinned(*columns: Floats) -> list[Floats] | None:
    """Every so many-th row, the last column being the weight that it stands for."""
    step = columns[0].size // SKETCHED
    if step < 2:
        return None
    *values, weight = (column[step // 2 :: step] for column in columns)
    return [*values, weight * step]


def _grouped(keys: Sequence[Floats], weight: Floats) -> tuple[list[Floats], Floats]:
    """Distinct keys in ascending order with their summed weights; equal keys are summed in order of their weights."""
    order = np.lexsort((weight, *reversed(keys)))
    ordered = [key[order] for key in keys]
    if not weight.size:
        return ordered, weight
    differs = np.any([key[1:] != key[:-1] for key in ordered], axis=0)
    starts = np.concatenate(([0], np.flatnonzero(differs) + 1))
    return [key[starts] for key in ordered], np.add.reduceat(weight[order], starts)
