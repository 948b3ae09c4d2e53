"""Names, places and products to draw from, kept as data beside this file."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

FOLDER = Path(__file__).parent / "pools"

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Pool:
    """The rows of one file: columns as text, and the weights to draw by (even where there is no such column)."""

    columns: dict[str, list[str]]
    weights: Floats

    def draw(self, rng: np.random.Generator, count: int) -> Ints:
        """Row numbers, drawn by weight."""
        bounds = np.cumsum(self.weights) / self.weights.sum()
        return np.searchsorted(bounds, rng.random(count), side="right").astype(np.int64)

    def text(self, column: str, rows: Ints) -> pa.Array:
        """The column's text in the given rows."""
        return pa.array(self.columns[column], pa.string()).take(pa.array(rows))

    def numbers(self, column: str) -> Ints:
        """A column of whole numbers."""
        return np.array(self.columns[column], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.weights)


@lru_cache
def pool(name: str) -> Pool:
    """The pool ``pools/<name>.csv``."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    columns = {column: [row[place] for row in rows] for place, column in enumerate(header)}
    weights = columns.get("weight", ["1"] * len(rows))
    return Pool(columns, np.array(weights, dtype=np.float64))


@lru_cache
def part_of(name: str, column: str, value: str) -> Pool:
    """The rows of a pool whose ``column`` is ``value``."""
    whole = pool(name)
    kept = [row for row, cell in enumerate(whole.columns[column]) if cell == value]
    columns = {name: [cells[row] for row in kept] for name, cells in whole.columns.items()}
    return Pool(columns, whole.weights[kept])


@lru_cache
def characters() -> dict[str, tuple[str, str, str]]:
    """Pinyin without tones, traditional form and homophones of each character in the pools."""
    columns = pool("characters").columns
    return {
        character: (pinyin, traditional, homophones)
        for character, pinyin, traditional, homophones in zip(
            columns["character"], columns["pinyin"], columns["traditional"], columns["homophones"], strict=True
        )
    }
