-- Grain: as_of_date × target (value, churn) × segment × horizon: today's verdicts, and those that earlier runs
-- recorded.
-- A forecast is published, or published with low confidence, or made with the parameters of an earlier run (stale), or
-- there is none, because of the state of the fit; and why.
{% set doubts = forecast_doubts() -%}
with run as (
    select as_of_date from {{ ref('dim_run') }}
),

checks as (
    select
        *,
        {%- for flag in doubts %}
        {{ flag }}{{ ' or' if not loop.last else ' as is_doubtful,' }}
        {%- endfor %}
        {%- for flag, word in doubts.items() %}
        case when {{ flag }} then ' {{ word }}' else '' end{{ ' ||' if not loop.last else ' as doubts' }}
        {%- endfor %}
    from {{ ref('fct_model_check') }}
),

fits as (
    select
        fits.segment,
        fits.history,
        min(fits.state) as state,
        min(fits.reason) as reason
    from {{ ref('fct_model_fit') }} as fits
    inner join run on fits.cutoff_on = run.as_of_date
    where fits.model = 'bg'
    group by fits.segment, fits.history
)

select
    run.as_of_date,
    cast(checks.target as varchar) as target,
    cast(checks.segment as varchar) as segment,
    cast(checks.horizon_days as integer) as horizon_days,
    cast(case
        when not checks.has_parameters then coalesce(fits.state, 'insufficient_data')
        when checks.is_stale then 'stale'
        when checks.is_doubtful then 'low_confidence'
        else 'published'
    end as varchar) as verdict,
    cast(nullif(trim(
        case when checks.has_parameters then checks.doubts else coalesce(fits.reason, '') end
    ), '') as varchar) as doubts,
    cast(checks.mean_prediction as double) as mean_prediction
from checks
cross join run
left join fits on checks.segment = fits.segment and checks.history = fits.history

union all

select
    history.as_of_date,
    history.target,
    history.segment,
    history.horizon_days,
    history.verdict,
    history.doubts,
    history.mean_prediction
from {{ ref('stg_state__model_verdict') }} as history
inner join run on history.as_of_date < run.as_of_date
