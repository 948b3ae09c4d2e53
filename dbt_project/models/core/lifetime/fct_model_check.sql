-- Grain: target (value, churn) × segment × horizon. What speaks for and against today's forecasts.
-- Figures are means over earlier cut-offs (one alone may be unlucky), the calibration error that of the last one, as
-- long as the scorer stayed the same. A comparison that could not be made is no doubt by itself: is_unchecked is.
{% set bounds = forecast_bounds() -%}
with run as (
    select as_of_date from {{ ref('dim_run') }}
),

forecasts as (
    select
        'value' as target,
        'life' as history,
        segment,
        horizon_days,
        avg(cast(expected_purchases as decimal(18, 9))) as mean_prediction,
        count(predicted_amount) = 0 as is_without_amounts
    from {{ ref('fct_value_forecast') }}
    group by segment, horizon_days

    union all

    select
        'churn',
        'recent',
        segment,
        horizon_days,
        avg(cast(score as decimal(18, 9))),
        false
    from {{ ref('fct_churn_case') }}
    where is_current
    group by segment, horizon_days
),

earlier as (
    select
        history.target,
        history.segment,
        history.horizon_days,
        max_by(history.mean_prediction, history.as_of_date) as mean_prediction
    from {{ ref('stg_state__model_verdict') }} as history
    inner join run on history.as_of_date < run.as_of_date
    group by history.target, history.segment, history.horizon_days
),

checks as (
    select
        case target when 'churn' then 'churn' else 'value' end as check_target,
        segment,
        horizon_days,
        avg(case when target = 'purchases' and metric = 'ratio_of_totals' then metric_value end) as ratio_of_totals,
        avg(case when target = 'amount' and metric = 'gini' then metric_value end) as gini,
        avg(case when target = 'amount' and metric = 'gini' then baseline_value end) as naive_gini,
        avg(case when metric = 'auc' and baseline = 'recency' then metric_value end) as auc,
        avg(case when metric = 'auc' and baseline = 'recency' then baseline_value end) as recency_auc,
        max_by(metric_value, cutoff_on) filter (where metric = 'calibration_error') as calibration_error,
        max_by(baseline_value, cutoff_on) filter (where metric = 'calibration_error') as calibration_bound
    from {{ ref('fct_model_measure') }}
    where is_chosen and decile = 0
    group by check_target, segment, horizon_days
)

select
    cast(forecasts.target as varchar) as target,
    cast(forecasts.history as varchar) as history,
    cast(forecasts.segment as varchar) as segment,
    cast(forecasts.horizon_days as integer) as horizon_days,
    cast(forecasts.mean_prediction as double) as mean_prediction,
    cast(earlier.mean_prediction as double) as previous_mean_prediction,
    cast(checks.ratio_of_totals as double) as ratio_of_totals,
    cast(checks.gini as double) as gini,
    cast(checks.naive_gini as double) as naive_gini,
    cast(checks.auc as double) as auc,
    cast(checks.recency_auc as double) as recency_auc,
    cast(checks.calibration_error as double) as calibration_error,
    cast(checks.calibration_bound as double) as calibration_bound,
    parameters.bg_r is not null as has_parameters,
    coalesce(parameters.is_stale, false) as is_stale,
    coalesce(checks.auc, checks.ratio_of_totals) is null as is_unchecked,
    forecasts.horizon_days > 91 as is_long,
    forecasts.is_without_amounts,
    coalesce(checks.ratio_of_totals not between {{ bounds.ratio_low }} and {{ bounds.ratio_high }}, false)
        as is_off_total,
    coalesce(checks.gini < {{ bounds.least_gini_share }} * checks.naive_gini, false)
    or coalesce(checks.auc < checks.recency_auc, false) as is_worse_ranked,
    coalesce(checks.calibration_error > checks.calibration_bound, false) as is_uncalibrated,
    coalesce(
        abs(forecasts.mean_prediction / nullif(earlier.mean_prediction, 0) - 1) > {{ bounds.drift }}, false
    ) as has_drifted
from forecasts
cross join run
left join {{ ref('dim_model_parameter') }} as parameters
    on forecasts.segment = parameters.segment
    and forecasts.history = parameters.history
    and run.as_of_date = parameters.cutoff_on
left join checks
    on forecasts.target = checks.check_target
    and forecasts.segment = checks.segment
    and forecasts.horizon_days = checks.horizon_days
left join earlier
    on forecasts.target = earlier.target
    and forecasts.segment = earlier.segment
    and forecasts.horizon_days = earlier.horizon_days
