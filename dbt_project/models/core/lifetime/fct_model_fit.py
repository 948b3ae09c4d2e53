"""Grain: segment × cut-off × history × model. Maximum-likelihood fits, with their state where there are none."""

from customer_models.lifetime.fit_table import fit_table


def model(dbt, session):
    dbt.config(materialized="table")
    summary = dbt.ref("fct_purchase_summary")
    patterns = summary.aggregate("segment, cutoff_on, history, history_days, x, t_x, age, count(*) as customer_count")
    repeats = summary.filter("history = 'life' and x > 0")
    amounts = repeats.aggregate("segment, cutoff_on, x, mean_repeat_amount, count(*) as customer_count")
    return fit_table(patterns.to_arrow_table(), amounts.to_arrow_table())
