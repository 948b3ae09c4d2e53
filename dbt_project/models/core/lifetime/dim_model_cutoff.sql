-- Grain: cut-off of the models of purchases and amounts.
-- Today, every four weeks before it, and the date that the warehouse names. A forecast made at an earlier one, from
-- what had happened by then, is held against what came. Only those with half a year of history before them.
{% set step_days = 28 -%}
{%- set step_count = 12 -%}
with run as (
    select as_of_date from {{ ref('dim_run') }}
),

history as (
    select min(purchase_on) as first_purchase_on from {{ ref('fct_purchase_day') }}
),

dates as (
    {%- for number in range(step_count + 1) %}
    select
        {{ add_days('as_of_date', -step_days * number) }} as cutoff_on,
        {{ number }} as step_number,
        false as is_named
    from run
    {{- '\n\n    union all\n' if not loop.last or var('calibration_cut_on') }}
    {%- endfor %}
    {%- if var('calibration_cut_on') %}
    select
        cast('{{ var("calibration_cut_on") }}' as date),
        cast(null as integer),
        true
    from run
    where as_of_date > cast('{{ var("calibration_cut_on") }}' as date)
    {%- endif %}
)

select
    dates.cutoff_on,
    cast({{ date_diff_days('dates.cutoff_on', 'max(run.as_of_date)') }} as integer) as days_before,
    dates.cutoff_on = max(run.as_of_date) as is_current,
    {#- Every fourth one: the longest horizon that is checked is 90 days, and no outcome may count twice. #}
    coalesce(max(dates.step_number) % 4 = 0, false) or max(dates.is_named) as has_life,
    max(dates.step_number) is not null as has_recent,
    max(dates.is_named) as is_named
from dates
cross join run
cross join history
where
    dates.cutoff_on = run.as_of_date
    or dates.is_named
    or {{ date_diff_days('history.first_purchase_on', 'dates.cutoff_on') }} >= 180
group by dates.cutoff_on
