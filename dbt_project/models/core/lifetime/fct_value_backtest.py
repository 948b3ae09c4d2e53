"""Grain: segment. The model that its value is forecast with, and how well both did at earlier cut-offs."""

from customer_models.lifetime.value_backtest import CASES, value_backtest_table


def model(dbt, session):
    dbt.config(materialized="table")
    return value_backtest_table(dbt.ref("fct_value_case").select(*CASES.names).to_arrow_table())
