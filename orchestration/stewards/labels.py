"""Pairs drawn at random from bands of scores, and what stewards say of them: ``overrides/match_labels.csv``."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, cast

from orchestration.stewards.sheet import Row, ordered, read_sheet, told, write_sheet

Band = Literal["exact", "auto", "review", "below"]
BANDS: tuple[Band, ...] = ("exact", "auto", "review", "below")
COLUMNS = (
    *("left_record_key", "right_record_key", "band", "pair_count_of_band", "weight"),
    *("is_same", "labelled_by", "labelled_at"),
)
WORDS = {"yes": True, "y": True, "true": True, "1": True, "是": True}
WORDS |= {"no": False, "n": False, "false": False, "0": False, "否": False}


@dataclass(frozen=True)
class Label:
    """One row; ``left`` is the smaller key, ``is_same`` None until somebody has looked."""

    left: str
    right: str
    band: Band
    pair_count_of_band: int
    weight: float | None
    is_same: bool | None = None
    labelled_by: str = ""
    labelled_at: datetime | None = None

    @property
    def pair(self) -> tuple[str, str]:
        """Both record keys."""
        return self.left, self.right


def file_of(overrides: Path) -> Path:
    """Where the sample stands."""
    return overrides / "match_labels.csv"


def read_labels(overrides: Path) -> list[Label]:
    """All rows of the file, in its order; none where there is no file.

    Raises:
        BadInput: a cell that cannot be used, or a pair that stands twice.
    """
    labels: dict[tuple[str, str], Label] = {}
    for row in read_sheet(file_of(overrides), COLUMNS):
        label = _label(row)
        if label.pair in labels:
            raise row.bad("right_record_key", "a pair that stands once", "take one of the two rows out")
        labels[label.pair] = label
    return list(labels.values())


def _label(row: Row) -> Label:
    left, right = ordered(row.record_key("left_record_key"), row.record_key("right_record_key"))
    if left == right:
        raise row.bad("right_record_key", "another record than left_record_key")
    count, word = row.cells["pair_count_of_band"], row.cells["is_same"].lower()
    if not count.isdecimal() or int(count) < 1:
        raise row.bad("pair_count_of_band", "a whole number from 1")
    if word and word not in WORDS:
        raise row.bad("is_same", "yes, no or nothing")
    try:
        weight = float(row.cells["weight"]) if row.cells["weight"] else None
    except ValueError:
        raise row.bad("weight", "a number") from None
    band = cast(Band, row.choice("band", BANDS))
    by, at = row.cells["labelled_by"], row.moment("labelled_at")
    return Label(left, right, band, int(count), weight, WORDS.get(word), by, at)


def write_labels(overrides: Path, labels: Iterable[Label]) -> None:
    """Replace the file by these rows, in one step. For the holder of the warehouse's lock."""
    write_sheet(file_of(overrides), COLUMNS, (_cells(label) for label in labels))


def _cells(label: Label) -> dict[str, str]:
    word = {True: "yes", False: "no", None: ""}[label.is_same]
    weight = "" if label.weight is None else repr(label.weight)
    values = (label.left, label.right, label.band, str(label.pair_count_of_band), weight, word)
    return dict(zip(COLUMNS, (*values, label.labelled_by, told(label.labelled_at)), strict=True))
