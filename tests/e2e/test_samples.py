"""Real data through the whole run: what is published is what the extracts say, counted again without the project."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
import pytest

from samples import make_landing
from tests.e2e.command import Home
from tests.e2e.conftest import checksums, tree

ROOT = Path(__file__).parents[2]


def ran(name: str, folder: Path) -> Home:
    """A sample whose extracts were written and published."""
    home = Home(folder, ROOT / "warehouses" / f"{name}.yml")
    make_landing(name, home.root / "landing")
    home.published(LIUCUN_THREADS="2")
    return home


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return ran("complete_journey", tmp_path_factory.mktemp("journey"))


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return ran("cdnow", tmp_path_factory.mktemp("cdnow"))


@pytest.fixture(scope="module")
def baskets(journey: Home) -> pd.DataFrame:
    """Baskets of the extract, read by pandas alone: household, local day, amount in cents."""
    (extract,) = (journey.root / "landing" / "complete_journey" / "transactions").glob("*/transactions.csv")
    lines = pd.read_csv(
        extract, usecols=["household_id", "basket_id", "sales_value", "transaction_timestamp"], dtype=str
    )
    whole, _, cents = (lines["sales_value"].str.partition(".")[part] for part in range(3))
    lines["cents"] = whole.astype("int64") * 100 + cents.str.pad(2, "right", "0").replace("", "00").astype("int64")
    stamps = pd.to_datetime(lines["transaction_timestamp"], utc=True, format="ISO8601")
    lines["day"] = stamps.dt.tz_convert(ZoneInfo("America/New_York")).dt.tz_localize(None).dt.normalize()
    return lines.groupby("basket_id").agg(
        household=("household_id", "first"), day=("day", "min"), cents=("cents", "sum")
    )


def test_every_line_basket_household_and_cent_of_the_journey_arrives(journey: Home) -> None:
    counted = journey.query(
        """select received_count, rejected_count, loaded_count, line_count, order_count, customer_order_count,
                  unexplained_count, unexplained_amount, net_amount
           from marts.mart_reconciliation where object = 'complete_journey.transactions'"""
    )
    assert counted == [(1469307, 0, 1469307, 1469307, 155848, 155370, 0, 0, Decimal("4596039.58"))]
    purchases = (
        "select count(*), sum(order_count), sum(net_amount), max(last_order_on) from marts.mart_customer_purchase"
    )
    assert journey.query(purchases) == [(2469, 155370, Decimal("4596039.58"), date(2017, 12, 31))]
    assert journey.query("select count(*) from marts.dim_customer") == [(2469,)]
    daily = """select min(date_on), max(date_on), sum(numerator) from marts.mart_kpi_daily
               where metric = 'net_sales_amount' and segment_type = 'all' and numerator <> 0"""
    assert journey.query(daily) == [(date(2017, 1, 1), date(2017, 12, 31), Decimal("4596039.58"))]


def test_the_journey_as_pandas_counts_it_agrees(journey: Home, baskets: pd.DataFrame) -> None:
    valid = baskets[baskets["cents"] > 0]
    assert (len(baskets), len(valid), baskets["household"].nunique()) == (155848, 155370, 2469)
    assert valid["cents"].sum() == 459603958
    assert valid["day"].max() == pd.Timestamp(2017, 12, 31)
    days = valid.groupby("day")["cents"].sum()
    published = journey.query(
        """select date_on, cast(numerator * 100 as bigint) from marts.mart_kpi_daily
           where metric = 'net_sales_amount' and segment_type = 'all' and numerator <> 0 order by 1"""
    )
    assert published == [(day.date(), int(cents)) for day, cents in days.items()]


@pytest.mark.parametrize("grain", ["month", "quarter", "week"])
def test_customers_kept_won_won_back_and_lost_are_those_that_pandas_counts(
    journey: Home, baskets: pd.DataFrame, grain: str
) -> None:
    valid = baskets[baskets["cents"] > 0]
    frequency = {"month": "M", "quarter": "Q", "week": "W-SUN"}[grain]
    periods = valid["day"].dt.to_period(frequency)
    active = {period: set(households) for period, households in valid["household"].groupby(periods)}
    expected, seen, before = [], set(), None
    for period in sorted(active):
        now = active[period]
        new = now - seen
        kept, back, lost = (None, None, None) if before is None else (now & before, now - before - new, before - now)
        expected.append(
            (period.start_time.date(), *(None if s is None else len(s) for s in (before, now, new, kept, back, lost)))
        )
        seen, before = seen | now, now
    published = journey.query(
        f"""select period_start, active_start, active_end, new_customers, retained_customers, reactivated_customers,
                   lapsed_customers
            from marts.mart_retention_period
            where period_grain = '{grain}' and segment_type = 'all' order by 1"""
    )
    assert published[1:] == expected[1:]
    assert published[0][:4] == expected[0][:4]
    for _, start, end, new, kept, back, lost in published[1:]:
        assert end == new + kept + back
        assert start == kept + lost
    if grain == "month":
        assert len(published) == 12
        assert published[0][2] == 1983


def test_identities_hold_in_every_segment_and_segments_add_up_to_all(journey: Home) -> None:
    broken = journey.query(
        """select * from marts.mart_retention_period
           where active_end <> new_customers + retained_customers + reactivated_customers
              or active_start <> retained_customers + lapsed_customers
              or retention_rate > 1"""
    )
    assert broken == []
    sums = journey.query(
        """select period_grain, period_start, segment_type, sum(active_start), sum(active_end), sum(new_customers),
                  sum(retained_customers), sum(reactivated_customers), sum(lapsed_customers)
           from marts.mart_retention_period group by all order by all"""
    )
    whole = {row[:2]: row[3:] for row in sums if row[2] == "all"}
    assert {row[2] for row in sums} >= {"all", "kind", "channel", "tier"}
    assert [row[:3] for row in sums if row[3:] != whole[row[:2]]] == []


def test_cdnow_has_its_customers_orders_and_dollars(cdnow: Home) -> None:
    (extract,) = (cdnow.root / "landing" / "cdnow" / "orders").glob("*/orders.csv")
    with extract.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    total = sum(Decimal(row["amount"]) for row in rows)
    assert (len(rows), len({row["customer_id"] for row in rows})) == (6919, 2357)
    purchases = "select count(*), sum(order_count), sum(net_amount) from marts.mart_customer_purchase"
    assert cdnow.query(purchases) == [(2357, 6919, total)]
    days = {(row["customer_id"], row["order_date"]) for row in rows}
    assert cdnow.query("select sum(purchase_day_count) from marts.mart_customer_purchase") == [(len(days),)]
    first: dict[str, str] = {}
    for customer, day in sorted(days, key=lambda pair: pair[1]):
        first.setdefault(customer, day)
    cohorts = cdnow.query(
        """select strftime(cohort_start, '%Y-%m'), cohort_size from marts.mart_retention_cohort
           where cohort_kind = 'calendar' and cohort_grain = 'month' and segment_type = 'all' and period_index = 0
           order by 1"""
    )
    months = [day[:7] for day in first.values()]
    assert cohorts == [(month, months.count(month)) for month in sorted(set(months))]
    assert sum(size for _, size in cohorts) == 2357


def private(home: Home, sql: str) -> list[tuple]:  # type: ignore[type-arg]
    with duckdb.connect(str(home.root / "private" / "warehouse.duckdb"), read_only=True) as con:
        return con.sql(sql).fetchall()


def test_cdnow_through_the_pipeline_has_the_parameters_of_the_literature(cdnow: Home) -> None:
    """Fader, Hardie and Lee 2005 (BG/NBD), Fader and Hardie 2013 (Gamma-Gamma): weeks, cut on 1997-09-30."""
    fits = private(
        cdnow,
        """select model, r, alpha, a, b, p, q, v, log_likelihood, customer_count, state
           from core.fct_model_run where cutoff_on = date '1997-09-30' and model in ('bg', 'gamma_gamma') order by 1""",
    )
    (_, r, alpha, a, b, *_, likelihood, customers, state), amounts = fits
    assert (r, alpha, a, b) == pytest.approx((0.2426, 4.4136, 0.7929, 2.4259), abs=5e-4)
    assert likelihood == pytest.approx(-9582.429, abs=0.01)
    assert (customers, state) == (2357, "fitted")
    assert amounts[5:8] == pytest.approx((6.250, 3.744, 15.443), abs=5e-3)
    assert amounts[8] == pytest.approx(-4055.918, abs=0.01)
    assert amounts[9] == 946


def test_cdnow_forecast_of_its_second_half_is_as_good_as_in_the_literature(cdnow: Home) -> None:
    figures = {
        (target, metric): value
        for target, metric, value in cdnow.query(
            """select target, metric, metric_value from marts.mart_model_quality
               where cutoff_on = date '1997-09-30' and scorer = 'bg' and decile = 0 and horizon_days = 273"""
        )
    }
    assert figures["purchases", "correlation"] >= 0.62
    assert figures["tracking", "ratio_of_totals"] - 1 == pytest.approx(-0.041, abs=0.003)


def test_forecasts_do_not_depend_on_threads(cdnow: Home, tmp_path: Path) -> None:
    two, copy = checksums(cdnow.root), cdnow.copy(tmp_path / "copy")
    one = copy.published(LIUCUN_THREADS="1")
    assert {name for name in two if two[name] != one[name]} == set()


def test_who_stays_away_from_the_journey_is_told_better_than_by_recency_and_by_the_closed_form(journey: Home) -> None:
    cutoffs = tuple(date(2017, month, day) for month, day in ((9, 10), (10, 8), (11, 5), (12, 3)))
    rows = journey.query(
        f"""select cutoff_on, scorer, metric, baseline, metric_value, baseline_value, interval_high, is_chosen
            from marts.mart_model_quality
            where target = 'churn' and horizon_days = 28 and decile = 0 and cutoff_on >= date '{cutoffs[0]}'"""
    )
    found = {row[:4]: row[4:] for row in rows}
    assert {row[0] for row in rows} == set(cutoffs)
    for cutoff in cutoffs:
        assert found[cutoff, "closed_form", "auc", "recency"][0] >= 0.84
        loss, by_recency, high, is_chosen = found[cutoff, "challenger", "brier", "recency"]
        assert is_chosen
        assert loss < by_recency
        assert high < 0
        loss, by_closed_form, *_ = found[cutoff, "challenger", "brier", "closed_form"]
        assert loss < by_closed_form
        error, bound, *_ = found[cutoff, "challenger", "calibration_error", "perfect"]
        assert error < bound
    # Chance is excluded at three of the four cut-offs, the last one among them.
    beaten = [cutoff for cutoff in cutoffs if found[cutoff, "challenger", "brier", "closed_form"][2] < 0]
    assert len(beaten) >= 3
    assert cutoffs[-1] in beaten


@pytest.mark.parametrize("sample", ["journey", "cdnow"])
def test_the_published_parquet_is_the_published_file(sample: str, request: pytest.FixtureRequest) -> None:
    home: Home = request.getfixturevalue(sample)
    current = (home.root / "published" / "current").resolve()
    names = sorted(
        name for (name,) in home.query("select table_name from duckdb_tables() where database_name = 'marts'")
    )
    assert sorted(path.stem for path in (current / "parquet").iterdir()) == names
    for name in names:
        with duckdb.connect() as con:
            (rows,) = con.sql(f"select count(*) from read_parquet('{current / 'parquet' / name}.parquet')").fetchall()
        assert [rows] == home.query(f"select count(*) from marts.{name}"), name


def test_a_run_never_changes_landing(cdnow: Home, tmp_path: Path) -> None:
    make_landing("cdnow", tmp_path)
    assert tree(cdnow.root / "landing") == tree(tmp_path)
