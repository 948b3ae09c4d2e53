-- Grain: customer with a purchase × horizon. The chance of no purchase within the horizon, and how far to trust it.
-- Who bought in the last 90 days is scored by what has earned it at earlier cut-offs. Nobody else has been checked, nor
-- has a year ahead: there the closed form of the whole history speaks, with low confidence.
select
    forecasts.customer_id,
    forecasts.horizon_days,
    coalesce(round(checked.churn_probability, 9), forecasts.p_no_purchase) as churn_probability,
    cast(case
        when checked.customer_id is not null then checked.scorer
        when forecasts.p_no_purchase is not null then 'closed_form'
    end as varchar) as scorer,
    recents.customer_id is not null as is_evaluated_population,
    checked.customer_id is null or verdicts.verdict <> 'published' as is_low_confidence,
    coalesce(verdicts.verdict = 'stale', false) as is_stale,
    coalesce(parameters.bg_run_id, forecasts.model_run_id) as model_run_id
from {{ ref('fct_value_forecast') }} as forecasts
cross join {{ ref('dim_run') }} as run
left join {{ ref('fct_purchase_summary') }} as recents
    on forecasts.customer_id = recents.customer_id
    and recents.is_current
    and recents.history = 'recent'
    and recents.recency_days < {{ evaluated_days() }}
left join {{ ref('fct_churn_probability') }} as checked
    on forecasts.customer_id = checked.customer_id
    and forecasts.horizon_days = checked.horizon_days
left join {{ ref('fct_model_verdict') }} as verdicts
    on forecasts.segment = verdicts.segment
    and forecasts.horizon_days = verdicts.horizon_days
    and run.as_of_date = verdicts.as_of_date
    and verdicts.target = 'churn'
left join {{ ref('dim_model_parameter') }} as parameters
    on forecasts.segment = parameters.segment
    and run.as_of_date = parameters.cutoff_on
    and parameters.history = 'recent'
    and checked.customer_id is not null
