-- Money, orders and first purchases of all days are those of the orders; the trailing figures of the last day, which
-- the mart keeps by running sums, are counted here customer by customer.
with mart as (
    select
        figures.metric,
        figures.segment_type,
        sum(figures.numerator) as total,
        sum(case when figures.date_on = run.as_of_date then figures.numerator else 0 end) as last_numerator,
        sum(case when figures.date_on = run.as_of_date then figures.denominator else 0 end) as last_denominator
    from {{ ref('mart_kpi_daily') }} as figures
    cross join {{ ref('dim_run') }} as run
    group by figures.metric, figures.segment_type
),

customers as (
    select
        orders.customer_id,
        sum(orders.net_amount) as net_amount,
        count(*) as order_count,
        max(case when orders.ordered_on > {{ add_days('run.as_of_date', -var('lapsed_after_days')) }} then 1 else 0 end)
            as is_active,
        max(case when orders.ordered_on > {{ add_days('run.as_of_date', -30) }} then 1 else 0 end) as is_recent,
        max(case
            when orders.ordered_on > {{ add_days('run.as_of_date', -60) }}
                and orders.ordered_on <= {{ add_days('run.as_of_date', -30) }}
                then 1
            else 0
        end) as is_before
    from {{ ref('fct_customer_order') }} as orders
    cross join {{ ref('dim_run') }} as run
    group by orders.customer_id
),

counted as (
    select
        sum(net_amount) as net_amount,
        sum(order_count) as order_count,
        count(*) as customer_count,
        sum(is_active) as active_count,
        sum(is_before) as before_count,
        sum(is_recent * is_before) as retained_count
    from customers
)

select
    mart.metric,
    mart.segment_type
from mart
cross join counted
where
    (mart.metric = 'net_sales_amount' and mart.total <> counted.net_amount)
    or (mart.metric = 'order_count' and mart.total <> counted.order_count)
    or (mart.metric = 'new_customer_count' and mart.total <> counted.customer_count)
    or (mart.metric = 'ever_purchased_count' and mart.last_numerator <> counted.customer_count)
    or (mart.metric = 'active_customer_count' and mart.last_numerator <> counted.active_count)
    or (mart.metric = 'retention_rate_30_days' and mart.last_numerator <> counted.retained_count)
    or (mart.metric = 'retention_rate_30_days' and mart.last_denominator <> counted.before_count)
