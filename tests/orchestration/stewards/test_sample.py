"""The sample is drawn at random within bands, can be drawn again, and steers nobody's eye."""

from collections import Counter
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.stewards.labels import BANDS, Label, file_of, read_labels, write_labels
from orchestration.stewards.reading import private_warehouse
from orchestration.stewards.sample import draw, sample, shares
from orchestration.stewards.show import View

SIZES = {"exact": 60, "auto": 40, "review": 5, "below": 200}


@pytest.fixture
def scored(shop: Any) -> Any:
    """Pairs of 40 records: as many of each band as ``SIZES`` says."""
    for number in range(40):
        shop.record(f"crm:{number:02d}", f"C{number}")
    pairs = combinations(sorted(shop.customers), 2)
    for band, size in SIZES.items():
        for _, (left, right) in zip(range(size), pairs, strict=False):
            weight = {"exact": 22.0, "auto": 9.0, "review": 4.0, "below": -7.0}[band]
            shop.pair(left, right, weight, "email" if band == "exact" else None)
            if band in ("auto", "review"):
                shop.edge(left, right, "same" if band == "auto" else "review", weight)
            if band == "exact":
                shop.edge(left, right, "same", 25, "email")
                shop.edge(left, right, "same", weight)
            if band == "below":
                shop.edge(left, right, "never", 1000, "steward")
    shop.build()
    return shop


def drawn(shop: Any, count: int, seed: int = 1) -> list[Label]:
    sample(shop.folders, count, seed, View())
    return read_labels(shop.folders.overrides)


def test_every_band_gives_as_many_pairs_as_far_as_it_has_them(scored: Any) -> None:
    labels = drawn(scored, 50)
    assert Counter(label.band for label in labels) == {"exact": 15, "auto": 15, "review": 5, "below": 15}
    assert {label.band: label.pair_count_of_band for label in labels} == SIZES
    assert {(label.band, label.weight) for label in labels} == {
        ("exact", 22.0), ("auto", 9.0), ("review", 4.0), ("below", -7.0)
    }  # fmt: skip
    assert all(label.is_same is None for label in labels)


def test_the_same_seed_draws_the_same_pairs_and_another_one_others(scored: Any) -> None:
    first = drawn(scored, 20)
    file_of(scored.folders.overrides).unlink()
    assert drawn(scored, 20) == first
    file_of(scored.folders.overrides).unlink()
    assert {label.pair for label in drawn(scored, 20, seed=2)} != {label.pair for label in first}


def test_drawn_again_the_sample_grows_and_labels_stay(scored: Any) -> None:
    first = drawn(scored, 20)
    write_labels(scored.folders.overrides, [Label(**{**vars(label), "is_same": True}) for label in first])
    both = drawn(scored, 20)
    assert [label.is_same for label in both] == [True] * 20 + [None] * 20
    assert len({label.pair for label in both}) == 40
    file_of(scored.folders.overrides).unlink()
    # Two draws of 20 are one of 40, but for the band that had no more.
    assert {x.pair for x in drawn(scored, 40) if x.band == "auto"} == {x.pair for x in both if x.band == "auto"}


def test_every_pair_of_a_band_is_drawn_as_often_as_any_other(scored: Any) -> None:
    seen: Counter[tuple[str, str]] = Counter()
    with private_warehouse(scored.folders) as con:
        for seed in range(60):
            seen.update(label.pair for label in draw(con, 40, seed, ()) if label.band == "auto")
    # 60 draws of 11 or 12 out of 40 pairs: about 17 times each.
    assert len(seen) == 40
    assert 5 <= min(seen.values()) <= max(seen.values()) <= 32


def test_more_than_there_are_draws_all(scored: Any) -> None:
    assert len(drawn(scored, 1000)) == sum(SIZES.values())


def test_pairs_are_shown_masked_without_score_or_band(scored: Any) -> None:
    out = "\n".join(sample(scored.folders, 8, 1, View()))
    assert "13812345678" not in out
    assert "138****5678" in out
    assert not any(word in out.rsplit("\n", 1)[0] for word in (*BANDS, "weight", "22.0", "9.0"))
    assert out.count("liucun label crm:") == 8
    assert "8 pairs drawn (2 exact, 2 auto, 2 review, 2 below)" in out
    assert "13812345678" in "\n".join(sample(scored.folders, 8, 1, View(is_open=True)))


@given(count=st.integers(1, 80), free=st.dictionaries(st.sampled_from(BANDS), st.integers(0, 40)))
def test_shares_add_up_and_no_band_gives_less_than_another_unless_it_has_no_more(
    count: int, free: dict[Any, int]
) -> None:
    given_ = shares(count, free)
    assert sum(given_.values()) == min(count, sum(free.values()))
    assert all(given_[band] <= free.get(band, 0) for band in BANDS)
    most = max(given_.values())
    assert all(given_[band] >= most - 1 or given_[band] == free.get(band, 0) for band in BANDS)
