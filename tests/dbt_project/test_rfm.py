"""RFM scores do not depend on chance: not on the order of rows, not on who stands beside an equal."""

import csv
import math
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SEED = Path(__file__).parents[2] / "dbt_project" / "seeds" / "rfm_segment_rules.csv"
AS_OF = date(2025, 3, 31)
WINDOW_DAYS = 365
HIGH = 4
TYPES = {
    (True, True, True): "重要价值",
    (True, False, True): "重要发展",
    (False, True, True): "重要保持",
    (False, False, True): "重要挽留",
    (True, True, False): "一般价值",
    (True, False, False): "一般发展",
    (False, True, False): "一般保持",
    (False, False, False): "一般挽留",
}

Purchase = tuple[str, date, int]
Score = Callable[[Sequence[Purchase]], dict[str, tuple[Any, ...]]]

# Few customers, days and amounts, so that equals are common.
PURCHASES = st.lists(
    st.tuples(
        st.sampled_from("abcdefghij"),
        st.integers(0, 500).map(lambda days: AS_OF - timedelta(days=days)),
        st.integers(1, 4),
    ),
    unique_by=lambda purchase: purchase[:2],
    min_size=1,
    max_size=30,
)
quietly = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def score(rendering: Any, database: duckdb.DuckDBPyConnection) -> Score:
    """Customer → (recency_days, frequency, amount, three scores, segment, type) on AS_OF, by the model itself."""
    sql = rendering(var={"rfm_window_days": WINDOW_DAYS}.__getitem__, ref=lambda name: name).model(
        "core/value/fct_customer_rfm_score.sql"
    )
    database.execute(f"create table dim_scoring_date as select date '{AS_OF}' as scored_on")
    database.execute(f"create table rfm_segment_rules as from read_csv('{SEED}')")
    database.execute("create table fct_purchase_day(customer_id text, purchase_on date, net_amount decimal(18, 2))")

    def score(purchases: Sequence[Purchase]) -> dict[str, tuple[Any, ...]]:
        database.execute("truncate fct_purchase_day")
        database.executemany("insert into fct_purchase_day values (?, ?, ?)", [list(row) for row in purchases])
        rows = database.execute(
            f"""select customer_id, recency_days, frequency, cast(monetary_amount as integer), recency_score,
                       frequency_score, monetary_score, rfm_segment, rfm_type
                from ({sql}) where scored_on = date '{AS_OF}'"""
        ).fetchall()
        assert len(rows) == len({row[0] for row in rows})
        return {row[0]: row[1:] for row in rows}

    return score


def _expected(values: list[int], value: int) -> int:
    """The score of one value by the definition: 1 + floor(5 × share of the others that are worse), at most 5."""
    others = len(values) - 1
    worse = sum(other < value for other in values)
    return min(5, 1 + math.floor(5 * worse / others)) if others else 1


@quietly
@given(purchases=PURCHASES)
def test_a_score_is_the_share_of_worse_customers_in_fifths(score: Score, purchases: list[Purchase]) -> None:
    scored = score(purchases)
    inside = {name: row for name, row in scored.items() if row[1] > 0}

    for name, (recency, frequency, amount, *scores, _segment, _type) in scored.items():
        days = [day for customer, day, _ in purchases if customer == name and AS_OF - day < timedelta(WINDOW_DAYS)]
        assert frequency == len(days)
        if not days:
            assert (recency, amount, *scores) == (None, 0, None, None, None)
            continue
        assert recency == (AS_OF - max(days)).days
        assert scores == [
            _expected([-row[0] for row in inside.values()], -recency),
            _expected([row[1] for row in inside.values()], frequency),
            _expected([row[2] for row in inside.values()], amount),
        ]


@quietly
@given(purchases=PURCHASES)
def test_equal_customers_have_equal_scores(score: Score, purchases: list[Purchase]) -> None:
    twins = [(f"{name}-twin", day, amount) for name, day, amount in purchases]
    scored = score([*purchases, *twins])

    for name in {name for name, _, _ in purchases}:
        assert scored[name] == scored[f"{name}-twin"]


@quietly
@given(purchases=PURCHASES, random=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_score(score: Score, purchases: list[Purchase], random: Any) -> None:
    shuffled = list(purchases)
    random.shuffle(shuffled)

    assert score(shuffled) == score(purchases)


def test_a_base_of_one_time_buyers_scores_1_in_frequency(score: Score) -> None:
    scored = score([(f"c{number}", AS_OF - timedelta(days=number), number + 1) for number in range(20)])

    assert Counter(row[4] for row in scored.values()) == {1: 20}
    assert {row[3] for row in scored.values()} == {1, 2, 3, 4, 5}


def test_the_day_before_the_window_is_lapsed_and_the_first_day_of_it_is_not(score: Score) -> None:
    scored = score([("first", AS_OF - timedelta(days=WINDOW_DAYS - 1), 5), ("before", AS_OF - timedelta(days=365), 5)])

    assert scored["first"][6] == "nearly_lost"
    assert scored["before"][6:] == ("lapsed", None)


def _rules() -> list[dict[str, str]]:
    with SEED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _holds(rule: dict[str, str], triple: tuple[int, int, int]) -> bool:
    return all(
        int(rule[f"{name}_min"]) <= score <= int(rule[f"{name}_max"])
        for name, score in zip(("recency", "frequency", "monetary"), triple, strict=True)
    )


def test_the_rules_partition_all_triples_into_eleven_segments_with_names() -> None:
    rules = _rules()
    found = {triple: [rule for rule in rules if _holds(rule, triple)] for triple in product(range(1, 6), repeat=3)}

    assert {triple: len(hits) for triple, hits in found.items() if len(hits) != 1} == {}
    segments = {hits[0]["rfm_segment"] for hits in found.values()}
    assert len(segments) == 11
    assert len({(rule["rfm_segment"], rule["rfm_segment_zh"], rule["rfm_segment_en"]) for rule in rules}) == 12
    assert [rule["rfm_segment"] for rule in rules if _holds(rule, (0, 0, 0))] == ["lapsed"]


def test_the_classic_type_is_what_stands_above_the_middle() -> None:
    rules = _rules()

    for triple in product(range(1, 6), repeat=3):
        [rule] = [rule for rule in rules if _holds(rule, triple)]
        assert rule["rfm_type"] == TYPES[triple[0] >= HIGH, triple[1] >= HIGH, triple[2] >= HIGH], triple
