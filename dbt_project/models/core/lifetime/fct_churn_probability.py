"""Grain: customer who bought in the last 90 days × horizon. Today's scores, by the scorer that has earned it."""

from customer_models.lifetime.churn_tables import score_table


def model(dbt, session):
    dbt.config(materialized="table")
    cases = dbt.ref("fct_churn_case").filter("is_current")
    return score_table(cases.to_arrow_table(), dbt.ref("fct_churn_backtest").to_arrow_table())
