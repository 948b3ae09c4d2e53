-- Grain: customer with a purchase.
-- The rule of thumb behind clv_simple and what it is made of: order value × purchases a year × expected years.
-- Churn is that of the customer's kind; of all customers where fewer than 30 of the kind were at risk, since a rate of
-- so few says nothing. NULL years until somebody has been at risk for a whole quarter.
with customers as (
    select
        orders.customer_id,
        {{ rate('sum(orders.net_amount)', 'count(*)') }} as average_order_amount,
        count(distinct orders.ordered_on) as purchase_day_count,
        {{ date_diff_days('min(orders.ordered_on)', 'max(run.as_of_date)') }} as tenure_days
    from {{ ref('fct_customer_order') }} as orders
    cross join {{ ref('dim_run') }} as run
    group by orders.customer_id
),

churn as (
    select
        segment_type,
        segment,
        at_risk_count,
        lapsed_count,
        {{ annual_churn_rate('lapsed_count', 'at_risk_count') }} as annual_churn_rate
    from {{ ref('fct_segment_churn') }}
    where at_risk_count >= 30 or segment_type = 'all'
),

lifetimes as (
    select
        segments.customer_id,
        coalesce(own.segment_type, whole.segment_type) as churn_segment_type,
        coalesce(own.segment, whole.segment) as churn_segment,
        coalesce(own.at_risk_count, whole.at_risk_count) as churn_at_risk_count,
        coalesce(own.lapsed_count, whole.lapsed_count) as churn_lapsed_count,
        coalesce(own.annual_churn_rate, whole.annual_churn_rate) as annual_churn_rate
    from {{ ref('dim_customer_segment') }} as segments
    left join churn as own on segments.segment_type = own.segment_type and segments.segment = own.segment
    left join churn as whole on whole.segment_type = 'all'
    where segments.segment_type = 'kind'
)

select
    cast(customers.customer_id as varchar) as customer_id,
    cast(customers.average_order_amount as double) as average_order_amount,
    cast({{ purchases_per_year('customers.purchase_day_count', 'customers.tenure_days') }} as double)
        as purchases_per_year,
    cast(lifetimes.churn_segment_type as varchar) as churn_segment_type,
    cast(lifetimes.churn_segment as varchar) as churn_segment,
    cast(lifetimes.churn_at_risk_count as bigint) as churn_at_risk_count,
    cast(lifetimes.churn_lapsed_count as bigint) as churn_lapsed_count,
    cast(lifetimes.annual_churn_rate as double) as annual_churn_rate,
    cast({{ expected_lifetime_years('lifetimes.annual_churn_rate') }} as double) as expected_lifetime_years
from customers
left join lifetimes on customers.customer_id = lifetimes.customer_id
