"""Forecasts of the demo company against what is true of its customers: who has left, and how often they buy."""

from pathlib import Path

import duckdb
import numpy as np

from benchmarks.table import table
from customer_models.lifetime import measures
from customer_models.lifetime.measures import Floats

HORIZON = 90


def forecasts(warehouse: Path, truth: Path) -> str:
    """Who has left, told by P(alive), by the published churn probability and by recency; and purchases to come.

    A customer is who most of its records are. True purchases to come are rate × days of who is still there; season and
    campaigns, which no model knows, are left out.
    """
    with duckdb.connect(str(warehouse), read_only=True) as con:
        con.execute(
            f"""create temporary table known as
                with counts as (
                    select customer_id, true_id, count(*) as record_count
                    from identity.id_crosswalk
                    inner join '{truth / "customers.parquet"}' as records using (record_key)
                    where true_id is not null
                    group by all
                ),
                who as (
                    select customer_id, arg_max(true_id, (record_count, true_id)) as true_id
                    from counts group by customer_id
                )
                select values.*, churn.churn_probability, churn.is_evaluated_population, summary.recency_days,
                       truths.purchases_per_day,
                       (
                           select count(*)
                           from core.fct_purchase_day as days
                           where days.customer_id = values.customer_id
                               and days.purchase_on > run.as_of_date - {HORIZON}
                       ) as naive_purchases,
                       coalesce(truths.died_on <= run.as_of_date, false) as has_left
                from core.fct_value_score as values
                inner join core.fct_churn_score as churn using (customer_id, horizon_days)
                inner join core.fct_purchase_summary as summary
                    on values.customer_id = summary.customer_id and summary.is_current and summary.history = 'life'
                inner join who on values.customer_id = who.customer_id
                inner join '{truth / "true_customers.parquet"}' as truths using (true_id)
                cross join core.dim_run as run
                where values.horizon_days = {HORIZON} and values.expected_purchases is not null"""
        )
        columns = con.sql(
            """select has_left, p_alive, churn_probability, is_evaluated_population, recency_days,
                      expected_purchases, purchases_per_day, naive_purchases
               from known order by all"""
        ).df()
    values = {str(name): column.to_numpy().astype(np.float64) for name, column in columns.items()}
    left, seen = values["has_left"], values["is_evaluated_population"] == 1
    rows = [
        [name, *(_figure(measures.auc(score[who], left[who])) for who in (np.full(len(left), True), seen))]
        for name, score in (
            ("1 - P(alive)", 1 - values["p_alive"]),
            (f"P(no purchase in {HORIZON} days), as published", values["churn_probability"]),
            ("recency", values["recency_days"]),
        )
        if not np.isnan(score).any()
    ]
    still = f"{np.mean(values['p_alive']):.3f} expected, {1 - np.mean(left):.3f} true"
    true = np.where(left == 1, 0.0, values["purchases_per_day"] * HORIZON)
    totals = [
        [name, f"{forecast.sum() / true.sum():.3f}", f"{_rms(forecast - true):.2f}"]
        for name, forecast in (
            ("model", values["expected_purchases"]),
            (f"last {HORIZON} days again", values["naive_purchases"]),
        )
    ]
    headers = (f"AUC of having left, {len(left):,} customers", "all", "bought in 90 days")
    return (
        f"{table(headers, rows)}\nstill there: {still}\n\n"
        f"{table((f'purchases in {HORIZON} days', 'total ÷ true', 'root mean square error'), totals)}"
    )


def _rms(error: Floats) -> float:
    return float(np.sqrt(np.mean(error**2)))


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
