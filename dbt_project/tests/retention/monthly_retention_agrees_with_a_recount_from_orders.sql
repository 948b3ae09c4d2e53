-- The mart counts by what lies before and after a purchase; this counts the customers of each month and looks each up
-- in the month before and after, from orders.
with buyers as (
    select distinct customer_id, {{ month_index('ordered_on') }} as month_number
    from {{ ref('fct_customer_order') }}
),

firsts as (
    select
        customer_id,
        min(month_number) as month_number
    from buyers
    group by customer_id
),

arrivals as (
    select
        buyers.month_number,
        count(*) as active_end,
        sum(case when befores.customer_id is not null then 1 else 0 end) as retained_customers,
        sum(case when befores.customer_id is null and firsts.month_number < buyers.month_number then 1 else 0 end)
            as reactivated_customers
    from buyers
    inner join firsts on buyers.customer_id = firsts.customer_id
    left join buyers as befores
        on buyers.customer_id = befores.customer_id and buyers.month_number = befores.month_number + 1
    group by buyers.month_number
),

departures as (
    select
        buyers.month_number + 1 as month_number,
        count(*) as active_start,
        sum(case when afters.customer_id is null then 1 else 0 end) as lapsed_customers
    from buyers
    left join buyers as afters
        on buyers.customer_id = afters.customer_id and buyers.month_number = afters.month_number - 1
    group by buyers.month_number
),

news as (
    select
        month_number,
        count(*) as new_customers
    from firsts
    group by month_number
)

select mart.period_start
from {{ ref('mart_retention_period') }} as mart
left join arrivals on {{ month_index('mart.period_start') }} = arrivals.month_number
left join departures on {{ month_index('mart.period_start') }} = departures.month_number
left join news on {{ month_index('mart.period_start') }} = news.month_number
where
    mart.period_grain = 'month'
    and mart.segment_type = 'all'
    and (
        mart.active_end <> coalesce(arrivals.active_end, 0)
        or mart.retained_customers <> coalesce(arrivals.retained_customers, 0)
        or mart.reactivated_customers <> coalesce(arrivals.reactivated_customers, 0)
        or mart.active_start <> coalesce(departures.active_start, 0)
        or mart.lapsed_customers <> coalesce(departures.lapsed_customers, 0)
        or mart.new_customers <> coalesce(news.new_customers, 0)
    )
