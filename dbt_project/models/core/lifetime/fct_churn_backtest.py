"""Grain: segment × horizon. The scorer of churn that has earned it at earlier cut-offs, and the figures behind that."""

from customer_models.lifetime.churn_tables import CASES, backtest_table


def model(dbt, session):
    dbt.config(materialized="table")
    cases = dbt.ref("fct_churn_case").to_arrow_table()
    features = [name for name in cases.column_names if name not in (*CASES.names, "customer_id", "is_current")]
    return backtest_table(cases, features)
