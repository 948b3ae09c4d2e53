"""The score of a clustering is that of counting every pair."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from customer_models.identity.pairwise import PairwiseScore, pairwise

GROUPING = st.lists(st.integers(0, 4), min_size=12, max_size=12)


@given(truth=GROUPING, found=GROUPING)
def test_counting_groups_gives_what_counting_every_pair_gives(truth: list[int], found: list[int]) -> None:
    names = [f"r{number}" for number in range(12)]
    pairs = list(combinations(range(12), 2))
    true = {pair for pair in pairs if truth[pair[0]] == truth[pair[1]]}
    same = {pair for pair in pairs if found[pair[0]] == found[pair[1]]}
    expected = PairwiseScore(len(true), len(same), len(true & same))
    assert pairwise(dict(zip(names, truth, strict=True)), dict(zip(names, found, strict=True))) == expected


def test_the_rates_are_those_of_a_case_counted_by_hand() -> None:
    # True: {a, b, c}, {d, e}: 4 pairs. Found: {a, b}, {c, d, e}: 4 pairs. In both: ab, de.
    score = pairwise({"a": 1, "b": 1, "c": 1, "d": 2, "e": 2}, {"a": "x", "b": "x", "c": "y", "d": "y", "e": "y"})
    assert (score.precision, score.recall, score.f1) == (0.5, 0.5, 0.5)


def test_records_that_only_one_side_knows_do_not_count() -> None:
    assert pairwise({"a": 1, "b": 1, "only true": 1}, {"a": 2, "b": 2, "only found": 2}) == PairwiseScore(1, 1, 1)


def test_without_pairs_no_rate_is_claimed() -> None:
    score = pairwise({"a": 1}, {"a": 1})
    assert (score.precision, score.recall, score.f1) == (None, None, None)
