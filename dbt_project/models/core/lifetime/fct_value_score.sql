-- Grain: customer with a purchase × horizon. The forecast of purchases and amounts, and how far to trust it.
select
    forecasts.customer_id,
    forecasts.horizon_days,
    forecasts.p_alive,
    forecasts.p_no_purchase,
    forecasts.expected_purchases,
    forecasts.expected_order_amount,
    forecasts.predicted_amount,
    forecasts.predicted_margin_amount,
    forecasts.model_run_id,
    forecasts.is_cold_start,
    verdicts.verdict <> 'published' as is_low_confidence,
    verdicts.verdict = 'stale' as is_stale
from {{ ref('fct_value_forecast') }} as forecasts
inner join {{ ref('fct_model_verdict') }} as verdicts
    on forecasts.segment = verdicts.segment
    and forecasts.horizon_days = verdicts.horizon_days
    and verdicts.target = 'value'
inner join {{ ref('dim_run') }} as run on verdicts.as_of_date = run.as_of_date
