"""How often merging is right, and how much it finds, estimated from a random sample of pairs in each band of scores.

Only pairs that blocking finds can be drawn, so recall is that within blocked pairs: of pairs that no rule brought
together nothing is known.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

LABELS = pa.schema(
    [
        ("band", pa.string()),
        ("pair_count_of_band", pa.int64()),
        ("is_same", pa.bool_()),
        ("is_merged", pa.bool_()),
    ]
)
DRAWS = 4000
"""More of them move the ends of an interval by less than the sample itself does."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Share:
    """An estimated share with its 95 % interval; all None where nothing in the sample speaks of it."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Estimate:
    """``label_count``: labelled pairs it rests on. ``open_count``: pairs that were drawn and are not labelled yet.

    ``unlabelled_bands``: bands without any label, which it says nothing of.
    """

    precision: Share
    recall: Share
    label_count: int
    open_count: int
    unlabelled_bands: tuple[str, ...]


def estimate(labels: pa.Table, *, seed: int = 1) -> Estimate:
    """Precision and recall of merging within blocked pairs.

    Each labelled pair stands for N / n pairs of its band, N pairs being in the band and n of them labelled (Horvitz and
    Thompson, "A generalization of sampling without replacement from a finite universe", JASA 1952). Precision is the
    estimated number of merged pairs that are the same over that of merged pairs, recall over that of pairs that are
    the same: combined ratio estimators (Cochran, "Sampling Techniques", 1977, section 6.11).

    The intervals are the middle 95 % of ``DRAWS`` ratios. In each draw a band's pairs that nobody labelled are drawn
    anew: merged or not as often as in its labels (Rubin, "The Bayesian bootstrap", 1981), the same or not by a beta
    distribution with Jeffreys' prior (Brown, Cai and DasGupta, "Interval estimation for a binomial proportion", 2001,
    section 4.3). So twelve pairs without an error do not prove that a band of thousands has none; and a band of which
    every pair is labelled adds no doubt.

    Args:
        labels: columns of ``LABELS``, one row per pair drawn; ``is_same`` NULL for pairs not labelled yet,
            ``is_merged``: whether both records are one customer now. Of several counts of a band the last one counts.
        seed: of the draws: the same labels give the same intervals, in whatever order of bands.
    """
    rows = labels.select(LABELS.names).cast(LABELS).to_pylist()
    counts: dict[str, int] = {row["band"]: row["pair_count_of_band"] for row in rows}
    cells: dict[str, Floats] = {band: np.zeros((2, 2)) for band in sorted(counts)}
    known = [row for row in rows if row["is_same"] is not None]
    for row in known:
        cells[row["band"]][int(bool(row["is_merged"])), int(row["is_same"])] += 1
    labelled = {band: cell for band, cell in cells.items() if cell.sum()}
    points, draws = np.zeros((2, 2)), np.zeros((DRAWS, 2, 2))
    for number, (band, cell) in enumerate(labelled.items()):
        size = max(counts[band], int(cell.sum()))
        points += cell * size / cell.sum()
        draws += _drawn(cell, size, np.random.default_rng([seed, number]))
    return Estimate(
        precision=_share(points[1, 1], points[1].sum(), draws[:, 1, 1], draws[:, 1].sum(axis=1)),
        recall=_share(points[1, 1], points[:, 1].sum(), draws[:, 1, 1], draws[:, :, 1].sum(axis=1)),
        label_count=len(known),
        open_count=len(rows) - len(known),
        unlabelled_bands=tuple(band for band in cells if band not in labelled),
    )


def _drawn(cell: Floats, size: int, rng: np.random.Generator) -> Floats:
    """Draws of a band's numbers of pairs: draw × not merged, merged × not the same, the same."""
    merged = cell.sum(axis=1)
    share = rng.beta(merged[1], merged[0], DRAWS) if merged.all() else np.full(DRAWS, float(merged[1] > 0))
    rest = size - cell.sum()
    drawn = np.empty((DRAWS, 2, 2))
    for row, part in enumerate((1 - share, share)):
        same = rng.beta(cell[row, 1] + 0.5, cell[row, 0] + 0.5, DRAWS)
        drawn[:, row, 1] = cell[row, 1] + rest * part * same
        drawn[:, row, 0] = cell[row, 0] + rest * part * (1 - same)
    return drawn


def _share(part: float, whole: float, parts: Floats, wholes: Floats) -> Share:
    if not whole:
        return Share(None, None, None)
    shares = np.divide(parts, wholes, out=np.zeros_like(parts), where=wholes > 0)
    low, high = np.quantile(shares, (0.025, 0.975))
    value = float(part / whole)
    return Share(round(value, 9), round(min(value, float(low)), 9), round(max(value, float(high)), 9))
