"""Precision and recall from a labelled sample: right on average, honest about what it cannot know."""

import random

import pyarrow as pa
import pytest

from customer_models.identity.label_estimate import LABELS, Estimate, estimate

Cell = tuple[int, int, int, int]
"""Merged and the same, merged and not, not merged and the same, neither."""


def labels_of(bands: dict[str, tuple[int, Cell]], waiting: int = 0) -> pa.Table:
    """Per band its number of pairs, and labels by cell; ``waiting`` pairs of each band are not labelled."""
    rows = []
    for band, (size, counts) in bands.items():
        cells = ((True, True), (False, True), (True, False), (False, False))
        for (is_same, is_merged), count in zip(cells, counts, strict=True):
            rows += [(band, size, is_same, is_merged)] * count
        rows += [(band, size, None, False)] * waiting
    return pa.Table.from_pylist([dict(zip(LABELS.names, row, strict=True)) for row in rows], schema=LABELS)


def test_each_label_counts_for_the_pairs_of_its_band() -> None:
    found = estimate(
        labels_of({"auto": (1000, (9, 1, 0, 0)), "review": (500, (0, 0, 5, 5)), "below": (9000, (0, 0, 1, 9))})
    )
    # Merged: 1000, of which 900 the same. The same: 900 + 250 + 900.
    assert found.precision.value == pytest.approx(0.9)
    assert found.recall.value == pytest.approx(900 / 2050)


def test_a_band_that_is_merged_in_part_is_counted_by_what_became_of_its_pairs() -> None:
    found = estimate(labels_of({"auto": (100, (6, 0, 2, 2)), "exact": (50, (10, 0, 0, 0))}))
    assert found.precision.value == pytest.approx(1.0)
    assert found.recall.value == pytest.approx((60 + 50) / (80 + 50))


def test_when_everything_is_labelled_there_is_no_doubt() -> None:
    found = estimate(labels_of({"auto": (10, (8, 2, 0, 0)), "below": (10, (0, 0, 1, 9))}))
    assert (found.precision.low, found.precision.value, found.precision.high) == (0.8, 0.8, 0.8)
    assert found.recall.low == found.recall.high == pytest.approx(8 / 9)


def test_a_few_labels_without_an_error_do_not_prove_that_there_is_none() -> None:
    few = estimate(labels_of({"auto": (1000, (12, 0, 0, 0)), "below": (100_000, (0, 0, 0, 12))}))
    many = estimate(labels_of({"auto": (1000, (600, 0, 0, 0)), "below": (100_000, (0, 0, 0, 600))}))
    assert few.precision.value == few.recall.value == 1.0
    assert few.recall.low is not None
    assert few.precision.low is not None
    # Of twelve pairs from 100,000 none was the same: there may be thousands.
    assert few.recall.low < 0.3
    assert 0.75 < few.precision.low < 0.95
    assert many.precision.low is not None
    assert many.precision.low > 0.99


def test_pairs_that_nobody_labelled_yet_are_counted_and_say_nothing() -> None:
    bands: dict[str, tuple[int, Cell]] = {"auto": (100, (9, 1, 0, 0)), "review": (50, (0, 0, 0, 0))}
    found = estimate(labels_of(bands, waiting=3))
    assert (found.label_count, found.open_count, found.unlabelled_bands) == (10, 6, ("review",))
    assert found.precision == estimate(labels_of({"auto": (100, (9, 1, 0, 0))})).precision


def test_without_labels_there_is_no_figure() -> None:
    for table in (LABELS.empty_table(), labels_of({"auto": (100, (0, 0, 0, 0))}, waiting=2)):
        found = estimate(table)
        assert {found.precision.value, found.precision.low, found.recall.value, found.recall.high} == {None}
    nothing_merged = estimate(labels_of({"below": (100, (0, 0, 1, 9))}))
    assert nothing_merged.precision.value is None
    assert nothing_merged.recall.value == 0


def test_the_last_count_of_a_band_counts() -> None:
    old, new = (
        labels_of({"auto": (10, (4, 0, 0, 0))}),
        labels_of({"auto": (1000, (0, 4, 0, 0)), "x": (1000, (8, 0, 0, 0))}),
    )
    assert estimate(pa.concat_tables([old, new])).precision.value == pytest.approx(1500 / 2000)


def test_the_same_labels_give_the_same_interval_in_any_order() -> None:
    table = labels_of({"auto": (1000, (9, 1, 0, 0)), "review": (500, (0, 0, 5, 5)), "below": (9000, (0, 0, 1, 9))})
    turned = table.take(pa.array(reversed(range(table.num_rows))))
    assert estimate(table) == estimate(turned)
    assert estimate(table) != estimate(table, seed=2)


def world() -> dict[str, list[tuple[bool, bool]]]:
    """Pairs of four bands as (is_same, is_merged): precision 0.97, recall 0.92."""
    return {
        "exact": [(True, True)] * 3960 + [(False, True)] * 20 + [(True, False)] * 20,
        "auto": [(True, True)] * 5500 + [(False, True)] * 270 + [(True, False)] * 100 + [(False, False)] * 130,
        "review": [(True, False)] * 400 + [(False, False)] * 600,
        "below": [(True, False)] * 300 + [(False, False)] * 39_700,
    }


def test_over_many_samples_the_estimates_are_right_on_average_and_the_intervals_cover_the_truth() -> None:
    pairs = world()
    everything = [pair for band in pairs.values() for pair in band]
    both = sum(same and merged for same, merged in everything)
    precision = both / sum(merged for _, merged in everything)
    recall = both / sum(same for same, _ in everything)
    rng = random.Random(5)
    found: list[Estimate] = []
    for _ in range(120):
        rows = [
            {"band": band, "pair_count_of_band": len(of), "is_same": same, "is_merged": merged}
            for band, of in pairs.items()
            for same, merged in rng.sample(of, 60)
        ]
        found.append(estimate(pa.Table.from_pylist(rows, schema=LABELS)))

    for name, truth in (("precision", precision), ("recall", recall)):
        shares = [getattr(one, name) for one in found]
        assert sum(share.value for share in shares) / len(shares) == pytest.approx(truth, abs=0.015)
        # A binomial share of 0.95 in 120 stays above 0.89 but once in two hundred times.
        assert sum(share.low <= truth <= share.high for share in shares) / len(shares) >= 0.89
    # Intervals that said nothing would cover the truth, too.
    assert max(one.precision.high - one.precision.low for one in found) < 0.2  # type: ignore[operator]


def test_what_is_the_same_in_a_band_that_is_not_merged_costs_recall_alone() -> None:
    with_missed = estimate(labels_of({"auto": (100, (10, 0, 0, 0)), "below": (1000, (0, 0, 5, 5))}))
    without = estimate(labels_of({"auto": (100, (10, 0, 0, 0)), "below": (1000, (0, 0, 0, 10))}))
    assert with_missed.precision.value == without.precision.value == 1
    assert with_missed.recall.value == pytest.approx(100 / 600)
    assert without.recall.value == 1
