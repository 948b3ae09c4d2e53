"""The demo company through the whole run, held against the truth that its generator wrote down."""

import csv
import math
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest

from benchmarks.demo import exact_clusters
from customer_models.identity.pairwise import pairwise
from customer_models.lifetime import measures
from orchestration.ingest.contract import load_source
from samples.demo import generate
from tests.e2e.command import Home

ROOT = Path(__file__).parents[2]
CANONICAL = load_source(ROOT / "sources" / "canonical.yml")
LAST_LOAD = date(2025, 12, 1)
MIDDLE = date(2025, 11, 24)
"""A load date in the middle of the daily ones: the day before, orders of the field sales came late."""
SIGMAS = 4.0
"""A share may lie this many standard errors off: one false alarm in 16,000 shares."""

# Where the rows of each object end, by key. Objects that are not here keep their name: stg_<source>__<object>.
STAGED = {
    # An empty segment or period means all, and staging says so.
    (
        "canonical",
        "targets",
    ): """select metric || '|' || replace(segment, 'all', '') || '|' || replace(period, 'all', ''),
                                 is_deleted from stg_canonical__targets""",
    ("canonical", "benchmarks"): """select metric || '|' || replace(segment, 'all', '') || '|'
                                    || replace(period, 'all', ''), is_deleted from stg_canonical__benchmarks""",
    ("canonical", "order_lines"): "select order_id || '|' || line_no, is_deleted from stg_canonical__order_lines",
    ("fxiaoke", "accounts"): "select customer_id, is_deleted from stg_fxiaoke__customers",
    ("fxiaoke", "contacts"): "select contact_id, is_deleted from stg_fxiaoke__account_contacts",
    ("fxiaoke", "order_lines"): """select order_id || '|' || line_no, is_deleted from stg_fxiaoke__order_lines
                                   where not coalesce(is_return, false)""",
    ("fxiaoke", "returns"): """select order_id || '|' || line_no, is_deleted from stg_fxiaoke__order_lines
                               where is_return""",
    ("fxiaoke", "visits"): "select interaction_id, is_deleted from stg_fxiaoke__interactions where type = 'visit'",
    ("fxiaoke", "activities"): "select interaction_id, is_deleted from stg_fxiaoke__interactions where type <> 'visit'",
    ("zoho", "accounts"): "select customer_id, is_deleted from stg_zoho__customers where kind <> 'person'",
    ("zoho", "contacts"): """select customer_id, is_deleted from stg_zoho__customers where kind = 'person'
                             union all select contact_id, is_deleted from stg_zoho__account_contacts""",
    ("zoho", "deals"): "select opportunity_id, is_deleted from stg_zoho__opportunities",
    ("zoho", "sales_orders"): "select order_id, is_deleted from stg_zoho__orders",
    ("zoho", "ordered_items"): "select order_id || '|' || line_no, is_deleted from stg_zoho__order_lines",
    ("zoho", "calls"): "select interaction_id, is_deleted from stg_zoho__interactions where type = 'call'",
    ("zoho", "events"): "select interaction_id, is_deleted from stg_zoho__interactions where type <> 'call'",
}
CORE = {
    "orders": (
        "(from core.fct_order where not is_deleted)",
        "order_key",
        ("canonical.orders", "fxiaoke.orders", "zoho.sales_orders"),
    ),
    "leads": ("core.fct_lead", "lead_key", ("fxiaoke.leads", "zoho.leads")),
    "opportunities": ("core.fct_opportunity", "opportunity_key", ("fxiaoke.opportunities", "zoho.deals")),
    "cases": ("core.fct_case", "case_key", ("fxiaoke.cases", "zoho.cases")),
    "feedback": ("core.fct_feedback", "feedback_key", ("canonical.feedback",)),
}
"""Facts that hold one row per record that is not deleted, whatever the source calls it."""


class Demo:
    """The published demo: its warehouse with the truth beside it, at the end or as a past day saw it."""

    def __init__(self, home: Home, root: Path, known_on: date) -> None:
        self.home, self.known_on = home, known_on
        self.con = duckdb.connect()
        self.con.execute(f"attach '{home.root / 'private' / 'warehouse.duckdb'}' as warehouse (read_only)")
        self.con.execute("create schema truth")
        for path in (root / "truth").glob("*.parquet"):
            self.con.execute(f"create view truth.{path.stem} as from '{path}'")
        self.con.execute("use warehouse.staging")

    def rows(self, sql: str) -> list[tuple]:  # type: ignore[type-arg]
        return self.con.execute(sql).fetchall()

    def true_keys(self, source: str, name: str) -> set[str]:
        """Keys that the source had and had not deleted, as far as was known."""
        return {
            key
            for (key,) in self.con.execute(
                """select key from memory.truth.records
                   where source = ? and object = ? and first_load_date <= ?
                     and (deleted_load_date is null or deleted_load_date > ?)""",
                [source, name, self.known_on, self.known_on],
            ).fetchall()
        }


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("demo")
    generate(root, "S")
    return root


@pytest.fixture(scope="module")
def home(extracts: Path) -> Home:
    """The demo, published from extracts of the default size."""
    # Under a name of its own: a warehouse of the name demo would write extracts itself.
    warehouse = extracts / "company.yml"
    shutil.copy(ROOT / "warehouses" / "demo.yml", warehouse)
    home = Home(extracts / "home", warehouse)
    home.root.mkdir(parents=True)
    (extracts / "landing").rename(home.root / "landing")
    home.published(LIUCUN_THREADS="2")
    return home


@pytest.fixture(scope="module")
def demo(home: Home, extracts: Path) -> Iterator[Demo]:
    demo = Demo(home, extracts, LAST_LOAD)
    yield demo
    demo.con.close()


def objects(demo: Demo) -> list[tuple[str, str]]:
    return [(s, o) for s, o in demo.rows("select distinct source, object from memory.truth.records order by all")]


def staged_keys(demo: Demo, source: str, name: str) -> set[str]:
    """Keys of the rows that are not deleted, from the object's staging model."""
    sql = STAGED.get((source, name))
    if sql is None:
        key = " || '|' || ".join(CANONICAL.objects[name].primary_key)
        sql = f"select {key}, is_deleted from stg_{source}__{name}"
    return {k for k, deleted in demo.rows(sql) if not deleted}


def hold_every_object(demo: Demo) -> None:
    wrong = {}
    for source, name in objects(demo):
        expected, found = demo.true_keys(source, name), staged_keys(demo, source, name)
        if expected != found:
            wrong[f"{source}.{name}"] = (len(expected - found), len(found - expected), sorted(expected ^ found)[:3])
    assert wrong == {}, f"missing, too many, examples at {demo.known_on}"
    for entity, (table, key, names) in CORE.items():
        true = {f"{n.split('.')[0]}:{k}" for n in names for k in demo.true_keys(*n.split("."))}
        found = {k for (k,) in demo.rows(f"select {key} from {table}")}
        assert found == true, f"{entity} at {demo.known_on}: {sorted(found ^ true)[:3]}"


def test_every_record_of_every_object_stands_in_its_staging_model_and_its_fact(demo: Demo) -> None:
    assert len(objects(demo)) >= 38
    hold_every_object(demo)


def test_orders_amounts_and_cancellations_are_the_true_ones(demo: Demo) -> None:
    wrong = demo.rows(
        """select truth.record_key, truth.net_amount, found.net_amount
           from (from memory.truth.orders where not is_deleted) as truth
           full join (from core.fct_order where not is_deleted) as found on truth.record_key = found.order_key
           where truth.net_amount is distinct from found.net_amount
              or truth.is_cancelled is distinct from coalesce(found.invalid_reason = 'cancelled', false)
              or truth.ordered_on is distinct from found.ordered_on"""
    )
    assert wrong == []


@pytest.mark.parametrize("alone", [True, False], ids=["exact rules alone", "all that merges"])
def test_hardly_anybody_is_merged_who_is_not_the_same(demo: Demo, alone: bool) -> None:
    query = "select record_key, customer_id from identity.id_crosswalk"
    found = exact_clusters(demo.con) if alone else dict(demo.rows(query))
    truth = {
        record: true_id or record
        for record, true_id in demo.rows("select record_key, true_id from memory.truth.customers")
    }
    score = pairwise(truth, found)
    assert set(found) <= set(truth)
    assert score.found_pairs > 300
    assert score.precision is not None
    assert score.precision >= 0.995


def test_stages_pass_on_as_many_deals_as_the_company_is_set_to(demo: Demo) -> None:
    stages = demo.rows(
        """select truth.pipeline, truth.stage, truth.advance_probability,
                  coalesce(sum(case when found.fate = 'reached' then 1 else 0 end), 0),
                  coalesce(sum(case when found.fate = 'dropped' then 1 else 0 end), 0)
           from memory.truth.stage_probabilities as truth
           left join core.fct_opportunity_stage as found
             on truth.pipeline = found.pipeline and truth.stage = found.stage
           group by all order by all"""
    )
    assert len(stages) == 12
    for pipeline, stage, chance, reached, dropped in stages:
        decided = reached + dropped
        assert decided > 15, (pipeline, stage)
        error = math.sqrt(chance * (1 - chance) / decided)
        assert abs(reached / decided - chance) <= SIGMAS * error, (pipeline, stage, reached, decided)


def test_conversion_within_the_window_is_what_truth_counts_and_a_young_period_has_no_rate(
    demo: Demo, home: Home
) -> None:
    true = demo.rows(
        """select cast(date_trunc('month', first_contact_on) as date) as month, count(*),
                  count(*) filter (converted_on - first_contact_on between 0 and 90)
           from memory.truth.leads as leads
           semi join core.fct_lead as kept on leads.record_key = kept.lead_key
           where first_contact_on is not null group by all order by all"""
    )
    found = home.query(
        """select period_start, followed_up_count, converted_count, conversion_rate, is_complete
           from marts.mart_conversion
           where period_grain = 'month' and segment_type = 'all' and owner_id = 'all' order by all"""
    )
    assert [row[:3] for row in found] == true
    young = [row[0] for row in found if row[3] is None]
    assert young == [date(2025, 9, 1), date(2025, 10, 1), date(2025, 11, 1)]
    assert all(rate == pytest.approx(n / all_, abs=1e-9) for _, all_, n, rate, done in found if done)
    # What a rate of all so far would have said of the youngest month: far less than it will come to.
    assert found[-1][2] / found[-1][1] < 0.5 * found[-6][2] / found[-6][1]


def test_recommendation_goes_with_staying(demo: Demo) -> None:
    """Detractors were set to leave more than four times as fast as promoters; the answers must show it."""
    shares = dict(
        demo.rows(
            """select case when score <= 6 then 'detractor' when score >= 9 then 'promoter' end as mood,
                      avg(case when truth.died_on is not null then 1 else 0 end)
               from core.fct_feedback as feedback
               inner join memory.truth.customers as records on feedback.record_key = records.record_key
               inner join memory.truth.true_customers as truth on records.true_id = truth.true_id
               where feedback.kind = 'nps' and feedback.is_answered group by 1 having mood is not null"""
        )
    )
    assert shares["detractor"] > shares["promoter"] + 0.1


def test_warnings_find_those_who_have_left_while_it_is_not_known_yet(demo: Demo) -> None:
    """Nobody says goodbye: of the customers who count as active, the warned must have left far more often."""
    rows = demo.rows(
        """with customers as (
               select customer_id, bool_and(died_on is not null) as has_left
               from identity.id_crosswalk as crosswalk
               inner join memory.truth.customers as records on crosswalk.record_key = records.record_key
               inner join memory.truth.true_customers as truth on records.true_id = truth.true_id
               group by customer_id
           )
           select is_behaviour_warning, avg(cast(has_left as integer)), count(*)
           from core.fct_churn_signal inner join customers using (customer_id)
           where not is_lapsed group by all"""
    )
    shares, counts = {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}
    assert min(counts.values()) > 50
    assert shares[True] > 2 * shares[False], (shares, counts)


def test_who_has_left_for_good_is_told_better_by_the_model_than_by_days_since_the_last_purchase(demo: Demo) -> None:
    rows = demo.rows(
        """with customers as (
               select customer_id, bool_or(died_on is not null) as has_left
               from identity.id_crosswalk as crosswalk
               inner join memory.truth.customers as records on crosswalk.record_key = records.record_key
               inner join memory.truth.true_customers as truth on records.true_id = truth.true_id
               group by customer_id
               having count(distinct truth.true_id) = 1
           )
           select summary.segment, 1 - scores.p_alive, summary.recency_days, cast(has_left as integer)
           from core.fct_value_score as scores
           inner join core.fct_purchase_summary as summary
               on scores.customer_id = summary.customer_id and summary.is_current and summary.history = 'life'
           inner join customers on scores.customer_id = customers.customer_id
           where scores.horizon_days = 90 and scores.p_alive is not null"""
    )
    assert len(rows) > 4000
    gone, recency, has_left = (np.array([row[place] for row in rows], dtype=float) for place in (1, 2, 3))
    by_model, by_recency = measures.auc(gone, has_left), measures.auc(recency, has_left)
    assert by_model is not None
    assert by_recency is not None
    assert by_model > by_recency
    for segment in {row[0] for row in rows}:
        of = np.array([row[0] == segment for row in rows])
        assert gone[of].mean() == pytest.approx(has_left[of].mean(), abs=0.05), segment


def test_a_kind_too_small_for_a_model_has_no_forecast_and_says_why(demo: Demo, home: Home) -> None:
    (row,) = home.query(
        """select count(*), count(predicted_amount), count(expected_purchases), bool_and(is_low_confidence)
           from marts.mart_customer_clv as clv
           inner join marts.dim_customer as customers on clv.customer_id = customers.customer_id
           where customers.kind = 'distributor'"""
    )
    assert row[0] > 400
    assert row[1:] == (0, 0, True)
    said = home.query("select distinct verdict, doubts from marts.mart_model_quality where segment = 'other'")
    ((verdict, doubts),) = said
    assert verdict == "insufficient_data"
    assert doubts.endswith("customers, 500 are needed")


def test_published_rates_and_forecasts_have_nine_places_so_that_another_machine_has_the_same_checksums(
    demo: Demo, home: Home
) -> None:
    doubles = home.query(
        """select table_name, column_name from duckdb_columns()
           where database_name = 'marts' and not internal and data_type = 'DOUBLE' order by all"""
    )
    longer = [
        (table, column)
        for table, column in doubles
        if home.query(
            f"select 1 from marts.{table} where abs({column}) < 1e5 and {column} <> round({column}, 9) limit 1"
        )
    ]
    assert len(doubles) > 100
    assert not longer


def test_every_living_record_is_exported_and_nobody_who_refused_is_a_marketing_target(demo: Demo, home: Home) -> None:
    exported: dict[tuple[str, str], str] = {}
    for path in (home.root / "private" / "exports").glob("*/customer_scores.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                exported[path.parent.name, row["source_customer_id"]] = row["marketing_allowed"]
    living = (
        "select source, source_customer_id from identity.id_record where not is_deleted and merged_into_key is null"
    )
    assert set(exported) == set(demo.rows(living))
    refused = set(demo.rows("select source, source_customer_id from identity.id_record where not consent_marketing"))
    assert len(refused & set(exported)) > 20
    assert {exported[key] for key in refused & set(exported)} == {"no"}
    agreed = demo.rows(
        """select distinct source, source_customer_id from identity.id_record
           inner join identity.id_crosswalk using (record_key)
           where customer_id in (
               select customer_id from core.fct_consent_event where purpose = 'marketing' and is_granted
           ) or customer_id in (select customer_id from identity.id_survivor where kind in ('store', 'distributor'))"""
    )
    assert {key for key, allowed in exported.items() if allowed == "yes"} <= set(agreed)


def test_a_day_in_the_middle_shows_what_was_known_then(home: Home, extracts: Path, demo: Demo) -> None:
    current = (home.root / "published" / "current").resolve()
    demo.con.close()
    home.published("--as-of", MIDDLE - timedelta(days=1), "--known-on", MIDDLE)
    past = Demo(home, extracts, MIDDLE)
    try:
        hold_every_object(past)
    finally:
        past.con.close()
    assert (home.root / "published" / "current").resolve() == current
