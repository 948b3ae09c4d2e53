-- Grain: segment × cut-off × history (life, recent). The parameters in force, of all models side by side.
-- Those fitted today; where there are none for today's forecasts, those of the newest earlier run that were good:
-- stale, and said so.
{% set models = model_parameters() -%}
with run as (
    select as_of_date from {{ ref('dim_run') }}
),

runs as (
    select * from {{ ref('fct_model_run') }}
),

fitted as (
    select
        fits.segment,
        fits.cutoff_on,
        fits.history,
        fits.model,
        runs.model_run_id,
        fits.r, fits.alpha, fits.a, fits.b, fits.p, fits.q, fits.v,
        fits.is_identified,
        false as is_stale,
        coalesce(fits.r, fits.p) is not null as has_parameters
    from {{ ref('fct_model_fit') }} as fits
    cross join run
    left join runs
        on fits.segment = runs.segment
        and fits.history = runs.history
        and fits.model = runs.model
        and fits.cutoff_on = runs.cutoff_on
        and run.as_of_date = runs.as_of_date
),

earlier as (
    select
        runs.*,
        row_number() over (
            partition by runs.segment, runs.history, runs.model order by runs.as_of_date desc nulls last
        ) as age_rank
    from runs
    cross join run
    where runs.as_of_date < run.as_of_date and runs.cutoff_on = runs.as_of_date and runs.is_identified
),

in_force as (
    select *
    from fitted
    where has_parameters

    union all

    select
        fitted.segment, fitted.cutoff_on, fitted.history, fitted.model, earlier.model_run_id,
        earlier.r, earlier.alpha, earlier.a, earlier.b, earlier.p, earlier.q, earlier.v,
        earlier.is_identified,
        true as is_stale,
        true as has_parameters
    from fitted
    inner join run on fitted.cutoff_on = run.as_of_date
    inner join earlier
        on fitted.segment = earlier.segment
        and fitted.history = earlier.history
        and fitted.model = earlier.model
    where not fitted.has_parameters and earlier.age_rank = 1
)

select
    cast(segment as varchar) as segment,
    cast(cutoff_on as date) as cutoff_on,
    cast(history as varchar) as history
    {%- for model, names in models.items() %},
    max(case when model = '{{ model }}' then model_run_id end) as {{ model }}_run_id
    {%- for name in names %},
    max(case when model = '{{ model }}' then {{ name }} end) as {{ model }}_{{ name }}
    {%- endfor %}
    {%- endfor %},
    max(case when is_stale then 1 else 0 end) = 1 as is_stale,
    max(case when model = 'mbg' and is_identified then 1 else 0 end) = 1 as mbg_is_identified
from in_force
group by segment, cutoff_on, history
