-- Grain: customer × month after their first purchase.
-- The tier a customer had on the day before the month began, recomputed from facts so that today's tier does not leak
-- into the past: what was spent in the whole months of the RFM window before, ranked among those who bought in it.
{% set window_months = (var('rfm_window_days') / 30.4375) | round | int -%}
with customer_months as (
    select
        customer_id,
        {{ month_index('purchase_on') }} as month_index,
        sum(net_amount) as net_amount
    from {{ ref('fct_purchase_day') }}
    group by customer_id, {{ month_index('purchase_on') }}
),

months as (
    select distinct {{ month_index('dates.month_start') }} as month_index
    from {{ ref('dim_date') }} as dates
    cross join {{ ref('dim_run') }} as run
    where dates.month_start <= run.as_of_date
),

first_months as (
    select customer_id, min(month_index) as month_index from customer_months group by customer_id
),

spending as (
    select
        first_months.customer_id,
        months.month_index,
        sum(customer_months.net_amount) as net_amount
    from first_months
    inner join months on months.month_index > first_months.month_index
    left join customer_months
        on first_months.customer_id = customer_months.customer_id
        and customer_months.month_index < months.month_index
        and customer_months.month_index >= months.month_index - {{ window_months }}
    group by first_months.customer_id, months.month_index
),

ranked as (
    select
        customer_id,
        month_index,
        net_amount,
        percent_rank() over (
            partition by month_index, net_amount is null
            order by net_amount asc nulls first
        ) as spending_rank
    from spending
)

select
    customer_id,
    {{ month_of_index('month_index') }} as month_start,
    case
        when net_amount is null then 'lapsed'
        when spending_rank >= 0.8 then 'high'
        when spending_rank >= 0.5 then 'middle'
        else 'low'
    end as tier
from ranked
