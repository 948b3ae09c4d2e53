-- Grain: period_grain × period, from the first purchase to as_of_date, without gaps.
-- Numbers the periods of a grain one by one, so that neighbours and distances need no date arithmetic. The first is
-- left-censored: history begins in it, so a first purchase there need not be the customer's first.
with history as (
    select min(purchase_on) as first_on
    from {{ ref('fct_purchase_day') }}
),

days as (
    select dates.*, run.as_of_date
    from {{ ref('dim_date') }} as dates
    inner join history on dates.date_on >= history.first_on
    inner join {{ ref('dim_run') }} as run on dates.date_on <= run.as_of_date
),

periods as (
    {%- for grain in period_grains() %}
    select distinct '{{ grain }}' as period_grain, {{ grain }}_start as period_start, as_of_date
    from days
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

bounded as (
    select
        period_grain,
        period_start,
        case period_grain
            when 'week' then {{ add_days('period_start', 6) }}
            when 'month' then {{ add_days(add_months('period_start', 1), -1) }}
            when 'quarter' then {{ add_days(add_months('period_start', 3), -1) }}
            when 'year' then {{ add_days(add_months('period_start', 12), -1) }}
        end as period_end,
        as_of_date,
        row_number() over (partition by period_grain order by period_start asc nulls last) as period_number
    from periods
)

select
    period_grain,
    period_start,
    period_end,
    lag(period_start) over (partition by period_grain order by period_number asc nulls last) as previous_period_start,
    cast(period_number as bigint) as period_number,
    period_end > as_of_date as is_partial,
    period_number = 1 as is_left_censored
from bounded
