-- Grain: as_of_date × model run, a fit of a model to a segment's history up to a cut-off.
-- Today's fits for today's forecasts and at the cut-off that the warehouse names, and those that earlier runs recorded:
-- the newest good one of them stands in where today's fails. The id is made of what the fit rests on, so that the same
-- input has the same id.
{% set parameters = ['r', 'alpha', 'a', 'b', 'p', 'q', 'v'] -%}
{%- set kept = ['model_run_id', 'model', 'history', 'segment', 'cutoff_on'] + parameters + [
    'log_likelihood', 'customer_count', 'is_converged', 'is_identified', 'state', 'reason', 'input_hash'
] -%}
with run as (
    select as_of_date from {{ ref('dim_run') }}
),

history as (
    select * from {{ ref('stg_state__model_run') }}
),

fits as (
    select fits.*
    from {{ ref('fct_model_fit') }} as fits
    inner join {{ ref('dim_model_cutoff') }} as cutoffs on fits.cutoff_on = cutoffs.cutoff_on
    where cutoffs.is_current or (cutoffs.is_named and fits.history = 'life')
)

select
    run.as_of_date,
    {{ md5_text("fits.segment || '/' || fits.history || '/' || fits.model || '/'"
        ~ " || cast(fits.cutoff_on as varchar) || '/' || fits.input_hash") }} as model_run_id,
    cast(fits.model as varchar) as model,
    cast(fits.history as varchar) as history,
    cast(fits.segment as varchar) as segment,
    cast(fits.cutoff_on as date) as cutoff_on,
    {%- for parameter in parameters %}
    cast(fits.{{ parameter }} as double) as {{ parameter }},
    {%- endfor %}
    cast(fits.log_likelihood as double) as log_likelihood,
    cast(fits.customer_count as bigint) as customer_count,
    fits.is_converged,
    fits.is_identified,
    cast(fits.state as varchar) as state,
    cast(fits.reason as varchar) as reason,
    cast(fits.input_hash as varchar) as input_hash
from fits
cross join run

union all

select
    history.as_of_date,
    {%- for column in kept %}
    history.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from history
inner join run on history.as_of_date < run.as_of_date
