"""Grain: segment × horizon. What its customers will bring together, with an interval."""

from customer_models.lifetime.value_total import total_table


def model(dbt, session):
    dbt.config(materialized="table")
    totals = dbt.ref("fct_value_forecast").aggregate(
        "segment, horizon_days, model, cast(sum(predicted_amount) as double) as predicted_amount"
    )
    current = dbt.ref("fct_purchase_summary").filter("is_current and history = 'life'")
    customers = current.select("segment", "x", "t_x", "age", "mean_repeat_amount")
    cutoff = current.select("cutoff_on").distinct()
    fits = dbt.ref("fct_model_fit").filter("history = 'life'").join(cutoff, "cutoff_on")
    return total_table(totals.to_arrow_table(), customers.to_arrow_table(), fits.to_arrow_table())
