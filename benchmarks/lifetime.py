"""A million customers with known parameters: found again, beside another library, and through the dbt models."""

import time
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks.table import table
from benchmarks.work import Broken, Work, say
from customer_models.lifetime import beta_geometric
from customer_models.lifetime.beta_geometric import BetaGeometric, model_of
from customer_models.lifetime.histories import histories
from orchestration.dbt import Dbt, dbt_variables, write_sources
from orchestration.folders import Folders
from orchestration.ingest.contract import load_source
from orchestration.settings import PROJECT
from orchestration.warehouse import Warehouse

KNOWN = BetaGeometric("bg", r=1.1, alpha=1.6, a=0.6, b=9.0)
WEEKS = 26
FIT_GOAL, ALL_GOAL = 5.0, 20.0
"""Seconds on two cores."""
MODELS = ("dim_model_cutoff", "fct_purchase_summary", "fct_model_fit", "fct_model_run", "dim_model_parameter")
FORECAST = ("fct_value_case", "fct_value_backtest", "fct_value_forecast", "fct_churn_case")
LAST_DAY = date(2025, 6, 30)


def measure(work: Work, customers: int) -> str:
    """The fit beside that of ``lifetimes``, and summary, fit and scores by the project's own models."""
    say(f"drawing {customers:,} customers")
    owner, days, ages = purchases(KNOWN, customers, WEEKS, seed=1)
    x, t_x, age = _summary(owner, days, ages)
    started = time.monotonic()
    fitted = beta_geometric.fit(histories(x, t_x, age), "bg")
    own = time.monotonic() - started
    if not fitted.is_fitted:
        raise Broken(f"{customers:,} customers of a known model were not fitted: {fitted.reason}")
    say("the same fit by lifetimes")
    started = time.monotonic()
    theirs = _lifetimes(x, t_x, age)
    other = time.monotonic() - started
    found = model_of(fitted)
    rows = [
        [name, f"{true:.4f}", f"{got:.4f}", f"{got / true - 1:+.2%}", f"{their:.4f}"]
        for name, true, got, their in (
            (name, getattr(KNOWN, name), getattr(found, name), theirs[name]) for name in beta_geometric.NAMES
        )
    ]
    fit = (
        f"{table(('', 'set', 'found', 'off', 'lifetimes'), rows)}\n"
        f"fit of {customers:,} customers {own:.1f} s (goal {FIT_GOAL:.0f}), "
        f"lifetimes {other:.1f} s: {other / own:.1f} times"
    )
    say("the models of the project")
    return f"{fit}\n\n{_pipeline(work.fresh('lifetime'), owner, days, ages)}"


def purchases(
    model: BetaGeometric, customers: int, weeks: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Purchases after the first one: owner and weeks since the first; and each customer's age in weeks.

    First purchases are spread over the first half of the time.
    """
    rng = np.random.default_rng(seed)
    rate = rng.gamma(model.r, 1 / model.alpha, customers)
    lost = rng.beta(model.a, model.b, customers)
    ages = weeks - rng.uniform(0, weeks / 2, customers)
    owners, times = [], []
    alive, at = np.arange(customers), np.zeros(customers)
    while alive.size:
        at[alive] += rng.exponential(1 / rate[alive])
        alive = alive[at[alive] <= ages[alive]]
        owners.append(alive)
        times.append(at[alive].copy())
        alive = alive[rng.random(alive.size) >= lost[alive]]
    return np.concatenate(owners), np.concatenate(times), ages


def _summary(owner: np.ndarray, days: np.ndarray, ages: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x = np.bincount(owner, minlength=ages.size).astype(float)
    t_x = np.zeros(ages.size)
    np.maximum.at(t_x, owner, days)
    return x, t_x, ages


def _lifetimes(x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> dict[str, float]:
    from lifetimes import BetaGeoFitter

    fitter = BetaGeoFitter()
    fitter.fit(pd.Series(x), pd.Series(t_x), pd.Series(age))
    return {name: float(fitter.params_[name]) for name in beta_geometric.NAMES}


def _pipeline(root: Path, owner: np.ndarray, days: np.ndarray, ages: np.ndarray) -> str:
    """Summary, fits and scores by dbt, of the same purchases as whole days."""
    folders = Folders(root / "company")
    folders.private.mkdir(parents=True)
    sources = {"canonical": load_source(PROJECT / "sources" / "canonical.yml")}
    project = PROJECT / "dbt_project"
    write_sources(project, sources)
    rows = _tables(folders.warehouse_file, owner, days, ages)
    dbt = Dbt(project, folders, dbt_variables(Warehouse(sources=("canonical",)), sources, project))
    dbt.parse()
    started = time.monotonic()
    dbt.build(MODELS)
    fitted = time.monotonic() - started
    dbt.build(FORECAST)
    whole = time.monotonic() - started
    with duckdb.connect(str(folders.warehouse_file), read_only=True) as con:
        scores = con.sql("select count(expected_purchases) from core.fct_value_forecast").fetchall()[0][0]
    return (
        f"{rows:,} purchase days of {ages.size:,} customers: summaries and four fits {fitted:.1f} s, with scores"
        f" ({scores:,} of purchases, and of churn) {whole:.1f} s (goal {ALL_GOAL:.0f})"
    )


def _tables(file: Path, owner: np.ndarray, days: np.ndarray, ages: np.ndarray) -> int:
    """What the models read, in a warehouse of its own; returns the number of purchase days."""
    first = np.round((WEEKS - ages) * 7).astype(np.int32)
    begin = LAST_DAY - timedelta(days=WEEKS * 7)
    customers = np.arange(ages.size, dtype=np.int32)
    drawn = pa.table(
        {
            "customer": np.concatenate([customers, owner.astype(np.int32)]),
            "day": np.concatenate([first, np.minimum(first[owner] + np.round(days * 7).astype(np.int32), WEEKS * 7)]),
        }
    )
    with duckdb.connect(str(file)) as con:
        for schema in ("core", "staging", "state", "ledger"):
            con.execute(f"create schema {schema}")
        con.register("drawn", drawn)
        con.execute(
            f"""create table core.fct_purchase_day as
                select 'C' || customer as customer_id, date '{begin}' + day as purchase_on, count(*) as order_count,
                       cast(count(*) * 20 + customer % 7 as decimal(18, 2)) as net_amount,
                       cast(count(*) * 6 as decimal(18, 2)) as margin_amount,
                       row_number() over (partition by customer order by day) as purchase_number,
                       cast(null as date) as previous_purchase_on
                from drawn group by customer, day"""
        )
        con.execute(
            """create table core.fct_customer_order as
               select customer_id, purchase_on as ordered_on, net_amount, margin_amount from core.fct_purchase_day"""
        )
        con.execute(
            """create table core.dim_customer_segment as
               select distinct customer_id, 'kind' as segment_type, 'person' as segment from core.fct_purchase_day"""
        )
        con.execute(
            f"create table core.dim_run as select date '{LAST_DAY}' as as_of_date, date '{LAST_DAY}' as known_on"
        )
        con.execute(
            """create table staging.stg_state__model_run as
               select cast(null as date) as as_of_date, '' as model_run_id, '' as model, '' as history, '' as segment,
                      cast(null as date) as cutoff_on, 0.0::double as r, 0.0::double as alpha, 0.0::double as a,
                      0.0::double as b, 0.0::double as p, 0.0::double as q, 0.0::double as v,
                      0.0::double as log_likelihood, 0::bigint as customer_count, true as is_converged,
                      true as is_identified, '' as state, '' as reason, '' as input_hash
               where false"""
        )
        return int(con.sql("select count(*) from core.fct_purchase_day").fetchall()[0][0])
