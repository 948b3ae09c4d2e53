"""Where nobody buys at weekends, the churn models of a Friday are those of any other day of the week."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from customer_models.lifetime.fit_table import fit_table

MONDAY = date(2026, 2, 16)
WEEK = [MONDAY + timedelta(days) for days in range(7)]
MODELS = ("dim_model_cutoff", "fct_purchase_summary")
NO_RUNS = """
    select cast(null as date) as as_of_date, cast(null as text) as model_run_id, segment, cutoff_on, history, model,
           r, alpha, a, b, p, q, v, is_identified
    from fct_model_fit where false
"""


def working_days(count: int, days: int, seed: int) -> pa.Table:
    """Purchases of stores on working days up to the end of the week: at rates of their own, for years or months."""
    rng = np.random.default_rng(seed)
    start = WEEK[-1] - timedelta(days)
    bought = set()
    for number in range(count):
        gap = 1 / max(rng.gamma(1.2, 1 / 12.0), 0.003)
        day = float(rng.integers(0, 20) if number % 2 else rng.integers(0, days - 30))
        while day <= days:
            on = start + timedelta(int(day))
            on += timedelta(max(0, 7 - on.weekday()) if on.weekday() >= 5 else 0)
            bought.add((f"S{number:04}", on))
            day += max(1.0, rng.exponential(gap))
            if rng.random() < 0.02:
                break
    customers, dates = zip(*sorted(row for row in bought if row[1] <= WEEK[-1]), strict=True)
    return pa.table({"customer_id": customers, "purchase_on": pa.array(dates, pa.date32())})


@pytest.fixture
def cases(rendering: Callable[..., Any], database: duckdb.DuckDBPyConnection) -> Callable[[date], dict[str, Any]]:
    """As of a day: how the fits of the last half year ended, and the mean score of 28 days."""
    given = {"calibration_cut_on": None, "lapsed_after_days": 90}
    models = rendering(var=given.__getitem__, ref=lambda name: name)
    database.register("bought", working_days(900, 560, 5))
    database.execute(
        """create table dim_customer_segment as
           select distinct customer_id, 'kind' as segment_type, 'store' as segment from bought"""
    )

    def make(name: str) -> None:
        database.execute(f"create or replace table {name} as {models.model(f'core/lifetime/{name}.sql')}")

    def run(as_of: date) -> dict[str, Any]:
        database.execute(f"create or replace table dim_run as select date '{as_of}' as as_of_date")
        database.execute(
            f"""create or replace table fct_purchase_day as
                select *, cast(100 as decimal(18, 2)) as net_amount,
                       row_number() over (partition by customer_id order by purchase_on) as purchase_number
                from bought where purchase_on <= date '{as_of}'"""
        )
        for name in MODELS:
            make(name)
        keys = "segment, cutoff_on, history, history_days"
        patterns, amounts = (
            database.sql(f"select {columns}, count(*) as customer_count from fct_purchase_summary {rows} group by all")
            for columns, rows in (
                (f"{keys}, x, t_x, age", "where history = 'recent'"),
                ("segment, cutoff_on, x, mean_repeat_amount", "where false"),
            )
        )
        database.register("fits", fit_table(patterns.to_arrow_table(), amounts.to_arrow_table()))
        database.execute("create or replace table fct_model_fit as from fits")
        database.execute(f"create or replace table fct_model_run as {NO_RUNS}")
        make("dim_model_parameter")
        make("fct_churn_case")
        states = database.execute("select cutoff_on, state from fct_model_fit order by cutoff_on").fetchall()
        found = database.execute(
            "select avg(score), count(*) from fct_churn_case where is_current and horizon_days = 28"
        ).fetchall()
        return {"states": states, "score": found[0][0], "count": found[0][1]}

    return run


def test_no_day_of_the_week_is_without_a_model_of_churn_where_nobody_buys_at_weekends(
    cases: Callable[[date], dict[str, Any]],
) -> None:
    found = {day: cases(day) for day in WEEK}
    for day, result in found.items():
        without = [(cutoff, state) for cutoff, state in result["states"] if state == "insufficient_data"]
        assert not without, f"as of {day:%A}: {without}"
        assert result["count"], f"nobody has a score as of {day:%A}"
    scores = [result["score"] for result in found.values()]
    assert max(scores) - min(scores) < 0.03, scores
