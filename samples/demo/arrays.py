"""Small tools over columns: random streams, missing times, and text put together from parts."""

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samples.demo.pools import Floats, Ints

MISSING = np.iinfo(np.int64).min
"""Stands for a time or number that is not there."""
DAY = 86_400
MONTH = 30.4375 * DAY

Columns = dict[str, Any]
"""Columns of equal length by name: NumPy arrays (MISSING is NULL) or Arrow arrays."""


def stream(seed: int, *path: str | int) -> np.random.Generator:
    """Random numbers of one concern, so that a change of one leaves the others' as they were."""
    words = [zlib.crc32(str(part).encode()) for part in path]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))


def arrow(column: Any) -> pa.Array:
    """A column as Arrow array; MISSING becomes NULL."""
    if isinstance(column, (pa.Array, pa.ChunkedArray)):
        return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    column = np.asarray(column)
    if column.dtype == np.int64:
        return pa.array(column, mask=column == MISSING)
    if column.dtype == object or column.dtype.kind == "U":
        return pa.array(column.tolist(), pa.string())
    return pa.array(column)


def table(columns: Columns) -> pa.Table:
    """Columns as Arrow table."""
    return pa.table({name: arrow(column) for name, column in columns.items()})


def join(*parts: Any) -> pa.Array:
    """Text put together row by row from texts, arrays of text and whole numbers; NULL if a part is."""
    texts = [
        pa.scalar(part) if isinstance(part, str) else pc.cast(arrow(part), pa.string())
        for part in parts
    ]  # fmt: skip
    return pc.binary_join_element_wise(*texts, "")


def padded(numbers: Any, width: int) -> pa.Array:
    """Whole numbers as text with leading zeros; MISSING becomes NULL."""
    return pc.utf8_lpad(pc.cast(arrow(numbers), pa.string()), width=width, padding="0")


def numbered(prefix: str, numbers: Ints, first: int) -> pa.Array:
    """Ids of a prefix and eight digits that count from ``first``; MISSING becomes NULL."""
    return join(prefix, padded(pc.add(arrow(numbers), first), 8))


def only(keep: Any, text: pa.Array) -> pa.Array:
    """The text where ``keep`` holds, else NULL."""
    return pc.if_else(pa.array(np.asarray(keep)), text, pa.scalar(None, text.type))


def either(first: Any, where: pa.Array, other: pa.Array) -> pa.Array:
    """``where`` in the rows in which ``first`` holds, else ``other``."""
    return pc.if_else(pa.array(np.asarray(first)), where, other)


def pick(rng: np.random.Generator, words: Sequence[str], count: int, shares: Sequence[float] | None = None) -> pa.Array:
    """Words drawn by share."""
    chosen = rng.choice(len(words), count, p=shares)
    return pa.array(list(words), pa.string()).take(pa.array(chosen))


def groups(rng: np.random.Generator, shares: Sequence[float], count: int) -> Ints:
    """Numbers of groups, drawn by share."""
    return np.searchsorted(np.cumsum(shares)[:-1], rng.random(count), side="right").astype(np.int64)


def lognormal(rng: np.random.Generator, median: float | Floats, spread: float, count: int) -> Floats:
    """Waiting times around a median."""
    return np.asarray(median * np.exp(rng.normal(0.0, spread, count)))


def times_between(rng: np.random.Generator, start: Ints, end: Ints, mean: Floats) -> tuple[Ints, Ints]:
    """A Poisson number of even times in each interval of seconds: the intervals' numbers, and the times, in order."""
    counts = rng.poisson(np.maximum(mean, 0.0))
    row = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    times = (start[row] + rng.random(len(row)) * (end - start)[row]).astype(np.int64)
    order = np.lexsort((times, row))
    return row[order], times[order]


def in_office_hours(rng: np.random.Generator, times: Ints) -> Ints:
    """The same days, between 9 and 18 o'clock."""
    return times - times % DAY + (9 * 3600 + rng.integers(0, 9 * 3600, len(times))).astype(np.int64)


def in_daytime(times: Ints) -> Ints:
    """Times pushed together into the hours from 9 to 18 of their day, so that their order stays."""
    return times - times % DAY + 9 * 3600 + times % DAY * 9 // 24
