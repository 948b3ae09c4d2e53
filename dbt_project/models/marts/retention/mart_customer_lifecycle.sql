-- Grain: customer × month, from the month of the first purchase to that of as_of_date, without gaps.
-- The state at the month's end (as_of_date in its month) by purchase days up to it alone: later purchases change no
-- earlier month. The first that holds counts: lapsed, new, won back, at risk, active.
{%- set lapsed_after = var('lapsed_after_days') %}
{%- set names = {'new': '新客', 'active': '活跃', 'at_risk': '流失预警', 'lapsed': '已流失', 'won_back': '赢回'} %}
with purchase_months as (
    select
        customer_id,
        {{ period_start('month', 'purchase_on') }} as purchase_month,
        max(purchase_on) as last_purchase_on,
        max(purchase_number) as purchase_count,
        count(*) as purchase_day_count,
        min(purchase_number) = 1 as has_first,
        max(
            case
                when {{ date_diff_days('previous_purchase_on', 'purchase_on') }} >= {{ lapsed_after }} then 1
                else 0
            end
        ) = 1 as has_return
    from {{ ref('fct_purchase_day') }}
    group by customer_id, {{ period_start('month', 'purchase_on') }}
),

-- What was last bought holds until the next month with a purchase.
spans as (
    select
        purchase_months.*,
        firsts.first_purchase_on,
        lead(purchase_months.purchase_month) over (
            partition by purchase_months.customer_id order by purchase_months.purchase_month asc nulls last
        ) as next_purchase_month
    from purchase_months
    inner join {{ ref('fct_first_purchase') }} as firsts on purchase_months.customer_id = firsts.customer_id
),

months as (
    select
        spans.*,
        periods.period_start as month_start,
        periods.is_partial,
        spans.purchase_month = periods.period_start as is_purchase_month,
        {{ date_diff_days('spans.last_purchase_on', 'least(periods.period_end, run.as_of_date)') }}
            as days_since_purchase,
        {{ rate(
            date_diff_days('spans.first_purchase_on', 'spans.last_purchase_on'), '(spans.purchase_count - 1)'
        ) }} as mean_gap_days
    from spans
    cross join {{ ref('dim_run') }} as run
    inner join {{ ref('dim_period') }} as periods
        on spans.purchase_month <= periods.period_start
        and coalesce(spans.next_purchase_month > periods.period_start, true)
    where periods.period_grain = 'month'
),

states as (
    select
        *,
        case
            when days_since_purchase >= {{ lapsed_after }} then 'lapsed'
            when is_purchase_month and has_first then 'new'
            when is_purchase_month and has_return then 'won_back'
            when days_since_purchase * 2 >= {{ lapsed_after }} and days_since_purchase > coalesce(mean_gap_days, 0)
                then 'at_risk'
            else 'active'
        end as state
    from months
)

select
    cast(customer_id as varchar) as customer_id,
    cast(month_start as date) as month_start,
    cast(state as varchar) as state,
    cast(
        case state
            {%- for state, name in names.items() %}
            when '{{ state }}' then '{{ name }}'
            {%- endfor %}
        end as varchar
    ) as state_zh,
    cast(lag(state) over (partition by customer_id order by month_start asc nulls last) as varchar) as previous_state,
    cast(case when is_purchase_month then purchase_day_count else 0 end as bigint) as purchase_day_count,
    cast(last_purchase_on as date) as last_purchase_on,
    cast(days_since_purchase as bigint) as days_since_purchase,
    cast(mean_gap_days as double) as mean_gap_days,
    cast(is_partial as boolean) as is_partial
from states
