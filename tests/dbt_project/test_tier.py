"""The customer tier, its migration and the lifecycle, counted anew with pandas from purchases, cases and returns."""

import csv
import random
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

PROJECT = Path(__file__).parents[2] / "dbt_project"
AS_OF = date(2025, 3, 20)
WINDOW_DAYS = 300
LAPSED_AFTER = 60
MODELS = [
    "core/value/dim_scoring_date",
    "core/value/fct_customer_rfm_score",
    "core/value/fct_customer_tier_measure",
    "core/value/fct_customer_tier_score",
    "marts/value/mart_customer_tier",
    "marts/value/mart_tier_migration",
    "marts/value/mart_customer_potential",
    "marts/retention/mart_customer_lifecycle",
]
MEASURES = {
    "value": {"rfm_total": 1, "historic_net_amount": 1},
    "loyalty": {"complaint_rate": -1, "return_rate": -1, "referral_count": 1},
    "potential": {"trend_share": 1, "wallet_gap_amount": 1},
}
Shop = dict[str, pd.DataFrame]


def simulated(chance: random.Random, count: int) -> Shop:
    """Purchases of two years with pauses, of few amounts so that equals are common, and events of loyalty."""
    purchases, events, kinds = [], [], {}
    for number in range(count):
        customer = f"c{number}"
        kinds[customer] = chance.choice(["person", "person", "person", "person", "store"])
        pace = chance.choice([4, 15, 40, 80])
        day = date(2023, 4, 1) + timedelta(days=chance.randrange(700))
        while day <= AS_OF + timedelta(days=20) and (
            chance.random() < 0.95 or customer not in {p[0] for p in purchases}
        ):
            purchases.append((customer, day, chance.choice([10, 20, 20, 50, 100, 250])))
            if chance.random() < 0.1:
                kind = chance.choice(["complaint", "return", "referral"])
                events.append((customer, kind, f"e{len(events)}", day + timedelta(days=chance.randrange(5))))
            day += timedelta(days=1 + int(chance.expovariate(1 / pace)) + (200 if chance.random() < 0.05 else 0))
    return {
        "purchases": pd.DataFrame(purchases, columns=["customer_id", "purchase_on", "net_amount"]),
        "events": pd.DataFrame(events, columns=["customer_id", "event_type", "event_key", "happened_on"]),
        "kinds": pd.DataFrame(kinds.items(), columns=["customer_id", "kind"]),
    }


def months_back(count: int) -> date:
    """First day of the month so many before the as-of date's."""
    index = AS_OF.year * 12 + AS_OF.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)


def month_end(start: date) -> date:
    return min(start.replace(day=monthrange(start.year, start.month)[1]), AS_OF)


def rules() -> list[dict[str, str]]:
    with (PROJECT / "seeds" / "tier_rules.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fifth(values: pd.Series) -> pd.Series:
    """1 to 5 by the share of the others that are worse."""
    worse = values.rank(method="min") - 1
    return (1 + 5 * worse // max(len(values) - 1, 1)).clip(upper=5)


def tiers_on(shop: Shop, on: date) -> pd.DataFrame:
    """Scores and tier on a day by the definition, from what had happened by then; indexed by customer."""
    past = shop["purchases"][shop["purchases"].purchase_on <= on]

    def spent(from_days: int, to_days: int = 0) -> pd.Series:
        inside = past.purchase_on.between(on - timedelta(days=from_days - 1), on - timedelta(days=to_days))
        return past[inside].groupby("customer_id").net_amount.sum()

    table = past.groupby("customer_id").agg(
        historic_net_amount=("net_amount", "sum"), first_on=("purchase_on", "min"), last_on=("purchase_on", "max")
    )
    table = table.join(shop["kinds"].set_index("customer_id").kind)
    inside = past[past.purchase_on > on - timedelta(days=WINDOW_DAYS)].groupby("customer_id").net_amount
    table["frequency"], table["monetary"] = inside.count(), inside.sum()
    for name, series in {"own": spent(365), "last": spent(90), "before": spent(180, 90)}.items():
        table[name] = series
    table = table.fillna({"frequency": 0, "monetary": 0, "own": 0, "last": 0, "before": 0})

    for kind, own in [*table.groupby("kind").own, ("all", table.own)]:
        spenders = own[own > 0]
        if kind == "all":
            table["p90"] = table.get("p90", pd.Series(index=table.index, dtype=float)).fillna(spenders.quantile(0.9))
        elif len(spenders) >= 30:
            table.loc[table.kind == kind, "p90"] = spenders.quantile(0.9)
    table["wallet_gap_amount"] = (table.p90.round(2) - table.own).clip(lower=0).round(2)

    known = shop["events"][
        (shop["events"].happened_on <= on) & (shop["events"].happened_on > on - timedelta(days=WINDOW_DAYS))
    ]
    for event in ("complaint", "return", "referral"):
        table[f"{event}_count"] = known[known.event_type == event].groupby("customer_id").size()
        table[f"{event}_count"] = table[f"{event}_count"].fillna(0)
    table["complaint_rate"] = (table.complaint_count / table.frequency).round(9)
    table["return_rate"] = (table.return_count / table.frequency).round(9)
    table["trend_share"] = (table["last"] / (table["last"] + table.before)).fillna(0).round(9)
    table.loc[[first > on - timedelta(days=180) for first in table.first_on], "trend_share"] = 0.5

    there = table[table.frequency > 0].copy()
    there["rfm_total"] = fifth(pd.to_datetime(there.last_on)) + fifth(there.frequency) + fifth(there.monetary)
    weights = {(rule["score"], rule["item"]): float(rule["weight"]) for rule in rules() if rule["weight"]}
    for score, measures in MEASURES.items():
        # The middle of the places that equals share, in hundredths of all places.
        ranks = {name: ((there[name] * sign).rank() - 0.5) / len(there) * 100 for name, sign in measures.items()}
        total = sum(ranks[name] * weights[score, name] for name in measures)
        table[f"{score}_score"] = (total / sum(weights[score, name] for name in measures)).round(2)
        table[f"{score}_score"] = table[f"{score}_score"].fillna(0)
    total = sum(table[f"{score}_score"] * weights["total", score] for score in MEASURES)
    table["total_score"] = total / sum(weights["total", score] for score in MEASURES)
    lowest = {rule["item"]: float(rule["lowest_score"]) for rule in rules() if rule["score"] == "tier"}
    table["tier"] = [
        next(tier for tier in ("important", "general", "low") if round(total, 2) >= lowest[tier])
        for total in table.total_score
    ]
    return table


def state_on(days: list[date], start: date) -> str:
    """The state of a customer at the end of a month, from the purchase days in order up to then."""
    end = month_end(start)
    silent = (end - days[-1]).days
    if silent >= LAPSED_AFTER:
        return "lapsed"
    if days[0] >= start:
        return "new"
    gaps = [(later, (later - earlier).days) for earlier, later in pairwise(days)]
    if any(day >= start and gap >= LAPSED_AFTER for day, gap in gaps):
        return "won_back"
    usual = sum(gap for _, gap in gaps) / len(gaps) if gaps else 0
    return "at_risk" if silent >= LAPSED_AFTER / 2 and silent > usual else "active"


@pytest.fixture(scope="module")
def shop() -> Shop:
    return simulated(random.Random(7), 400)


@pytest.fixture(scope="module")
def built(rendering: Any, shop: Shop) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": "1"}) as connection:
        yield build(connection, rendering, shop)


def build(connection: duckdb.DuckDBPyConnection, rendering: Any, shop: Shop) -> duckdb.DuckDBPyConnection:
    """The models, one after the other, on a shop."""
    variables = {"rfm_window_days": WINDOW_DAYS, "lapsed_after_days": LAPSED_AFTER}
    render = rendering(var=variables.__getitem__, ref=lambda name: name)
    for name, table in shop.items():
        connection.register(f"{name}_frame", table)
    for seed in ("rfm_segment_rules", "tier_rules"):
        connection.execute(f"create table {seed} as from read_csv('{PROJECT / 'seeds' / seed}.csv')")
    connection.execute(
        f"""
        create table dim_run as select date '{AS_OF}' as as_of_date;
        create table fct_purchase_day as
        select
            customer_id, purchase_on, cast(net_amount as decimal(18, 2)) as net_amount,
            row_number() over (partition by customer_id order by purchase_on) as purchase_number,
            lag(purchase_on) over (partition by customer_id order by purchase_on) as previous_purchase_on
        from (select customer_id, cast(purchase_on as date) as purchase_on, net_amount from purchases_frame)
        where purchase_on <= date '{AS_OF}';
        create table fct_first_purchase as
        select customer_id, purchase_on as first_purchase_on, kind
        from fct_purchase_day inner join kinds_frame using (customer_id)
        where purchase_number = 1;
        create table fct_loyalty_event as
        select customer_id, event_type, event_key, cast(happened_on as date) as happened_on
        from events_frame where cast(happened_on as date) <= date '{AS_OF}';
        create table fct_value_score as
        select customer_id, 90 as horizon_days, cast(null as double) as p_no_purchase from fct_first_purchase;
        create table dim_period as
        select
            'month' as period_grain, cast(period_start as date) as period_start, last_day(period_start) as period_end,
            last_day(period_start) > date '{AS_OF}' as is_partial
        from generate_series(date '2023-04-01', date '{AS_OF}', interval 1 month) as months (period_start)
        """
    )
    for model in MODELS:
        connection.execute(f"create table {Path(model).name} as {render.model(f'{model}.sql')}")
    return connection


@pytest.mark.parametrize("months", range(14))
def test_scores_and_tiers_of_a_day_agree_with_pandas(built: Any, shop: Shop, months: int) -> None:
    on = month_end(months_back(months))
    expected = tiers_on(shop, on)
    found = built.sql(f"from fct_customer_tier_score where scored_on = date '{on}'").df().set_index("customer_id")

    assert len(found) == len(expected) > 150
    assert {"important", "general", "low"} == set(expected.tier)
    found = found.loc[expected.index]
    for score in (*(f"{name}_score" for name in MEASURES), "total_score"):
        # A half of a hundredth may be rounded up here and down there.
        assert (found[score].astype(float) - expected[score]).abs().max() <= 0.0101, score
    assert list(found.tier) == list(expected.tier)


def test_the_mart_shows_today_beside_the_month_before(built: Any, shop: Shop) -> None:
    today, before = tiers_on(shop, AS_OF), tiers_on(shop, month_end(months_back(1)))
    found = {
        row[0]: row[1:]
        for row in built.sql("select customer_id, tier, previous_tier from mart_customer_tier").fetchall()
    }

    assert found.keys() == set(today.index)
    assert found == {name: (tier, before.tier.get(name)) for name, tier in today.tier.items()}


def test_migration_counts_each_customer_once_a_month(built: Any, shop: Shop) -> None:
    for months in range(13):
        start = months_back(months)
        after, before = (tiers_on(shop, month_end(months_back(back))).tier for back in (months, months + 1))
        expected = Counter((before.get(customer, "new"), tier) for customer, tier in after.items())
        rows = built.sql(f"from mart_tier_migration where month_start = date '{start}'").df()
        found = {(row.from_tier, row.to_tier): row.customer_count for row in rows.itertuples()}

        assert len(found) == 12
        assert {pair: count for pair, count in found.items() if count} == dict(expected)


def test_what_happens_later_changes_no_earlier_tier_or_state(rendering: Any, built: Any, shop: Shop) -> None:
    until = month_end(months_back(4))
    earlier = {
        "purchases": shop["purchases"][shop["purchases"].purchase_on <= until],
        "events": shop["events"][shop["events"].happened_on <= until],
        "kinds": shop["kinds"],
    }
    queries = [
        f"select * from fct_customer_tier_score where scored_on = date '{until}' order by 1",
        f"""select customer_id, month_start, state, previous_state, mean_gap_days from mart_customer_lifecycle
            where month_start <= date '{until}' order by 1, 2""",
    ]
    with duckdb.connect(config={"threads": "1"}) as connection:
        build(connection, rendering, earlier)
        for query in queries:
            rows = connection.sql(query).fetchall()
            assert len(rows) > 100
            assert rows == built.sql(query).fetchall()


def test_the_order_of_rows_and_twins_change_no_score(rendering: Any, built: Any, shop: Shop) -> None:
    query = "select * from fct_customer_tier_score order by customer_id, scored_on"
    shuffled = {name: table.sample(frac=1, random_state=3) for name, table in shop.items()}
    twins = {
        name: pd.concat([table, table.assign(customer_id=table.customer_id + "-twin")]) for name, table in shop.items()
    }
    with duckdb.connect(config={"threads": "1"}) as connection:
        assert build(connection, rendering, shuffled).sql(query).fetchall() == built.sql(query).fetchall()
    with duckdb.connect(config={"threads": "1"}) as connection:
        unequal = (
            build(connection, rendering, twins)
            .sql(
                """select count(*) from fct_customer_tier_score as one inner join fct_customer_tier_score as other
                   on one.customer_id || '-twin' = other.customer_id and one.scored_on = other.scored_on
                   where one.total_score <> other.total_score or one.tier <> other.tier"""
            )
            .fetchall()
        )
    assert unequal == [(0,)]


def test_the_gap_is_to_the_percentile_of_the_kind(built: Any, shop: Shop) -> None:
    expected = tiers_on(shop, AS_OF)
    found = built.sql("from mart_customer_potential").df().set_index("customer_id").loc[expected.index]

    assert set(found.segment_type) == {"kind"}
    assert (found.wallet_gap_amount.astype(float) - expected.wallet_gap_amount).abs().max() <= 0.0101
    assert list(found.potential_rank) == list(
        expected.wallet_gap_amount.where(expected["last"] > 0, 0).round(2).rank(method="min", ascending=False)
    )


def test_states_agree_with_a_look_at_each_customer_and_month(built: Any, shop: Shop) -> None:
    purchases = shop["purchases"][shop["purchases"].purchase_on <= AS_OF]
    expected = {}
    for customer, days in purchases.groupby("customer_id").purchase_on:
        before = None
        start = min(days).replace(day=1)
        while start <= AS_OF:
            state = state_on(sorted(day for day in days if day <= month_end(start)), start)
            expected[customer, start] = (state, before)
            before, start = state, (start + timedelta(days=31)).replace(day=1)
    found = {
        row[:2]: row[2:]
        for row in built.sql(
            "select customer_id, month_start, state, previous_state from mart_customer_lifecycle"
        ).fetchall()
    }

    assert found == expected
    assert {state for state, _ in found.values()} == {"new", "active", "at_risk", "lapsed", "won_back"}
