-- Grain: customer; those who never bought have zero counts, NULL dates and NULL ratios.
-- What a customer has bought up to as_of_date. Gaps are between purchase days, so that two orders of one day are not a
-- gap of zero.
{% set windows = [30, 90, 365] -%}
with orders as (
    select
        orders.customer_id,
        count(*) as order_count,
        count(distinct orders.channel) as channel_count,
        {%- for days in windows %}
        sum(case when orders.ordered_on > {{ add_days('run.as_of_date', -days) }} then 1 else 0 end)
            as order_count_{{ days }},
        sum(case when orders.ordered_on > {{ add_days('run.as_of_date', -days) }} then orders.net_amount else 0 end)
            as net_amount_{{ days }},
        {%- endfor %}
        sum(orders.net_amount) as net_amount,
        sum(orders.margin_amount) as margin_amount
    from {{ ref('fct_customer_order') }} as orders
    cross join {{ ref('dim_run') }} as run
    group by orders.customer_id
),

days as (
    select
        customer_id,
        count(*) as purchase_day_count,
        min(purchase_on) as first_order_on,
        max(purchase_on) as last_order_on,
        {{ rate(date_diff_days('min(purchase_on)', 'max(purchase_on)'), 'count(previous_purchase_on)') }}
            as mean_gap_days,
        round({{ percentile_of(date_diff_days('previous_purchase_on', 'purchase_on'), 0.5) }}, 9) as median_gap_days,
        round({{ percentile_of(date_diff_days('previous_purchase_on', 'purchase_on'), 0.9) }}, 9) as p90_gap_days
    from {{ ref('fct_purchase_day') }}
    group by customer_id
),

categories as (
    select
        orders.customer_id,
        count(distinct products.category_1) as category_count
    from {{ ref('fct_order_line') }} as lines
    inner join {{ ref('fct_customer_order') }} as orders on lines.order_key = orders.order_key
    inner join {{ ref('dim_product') }} as products on lines.product_id = products.product_id
    where not lines.is_return
    group by orders.customer_id
),

customers as (
    select
        customers.customer_id,
        {{ date_diff_days('days.first_order_on', 'run.as_of_date') }} as tenure_days
    from {{ ref('dim_customer') }} as customers
    cross join {{ ref('dim_run') }} as run
    left join days on customers.customer_id = days.customer_id
)

select
    cast(customers.customer_id as varchar) as customer_id,
    cast(coalesce(orders.order_count, 0) as bigint) as order_count,
    cast(coalesce(days.purchase_day_count, 0) as bigint) as purchase_day_count,
    cast(coalesce(orders.net_amount, 0) as decimal(18, 2)) as net_amount,
    cast(coalesce(orders.margin_amount, 0) as decimal(18, 2)) as margin_amount,
    cast({{ rate('orders.net_amount', 'orders.order_count') }} as double) as average_order_amount,
    cast({{ purchases_per_year('days.purchase_day_count', 'customers.tenure_days') }} as double) as purchases_per_year,
    cast(days.mean_gap_days as double) as mean_gap_days,
    cast(days.median_gap_days as double) as median_gap_days,
    cast(days.p90_gap_days as double) as p90_gap_days,
    cast(days.first_order_on as date) as first_order_on,
    cast(days.last_order_on as date) as last_order_on,
    cast(customers.tenure_days as bigint) as tenure_days,
    cast(coalesce(categories.category_count, 0) as bigint) as category_count,
    cast(coalesce(orders.channel_count, 0) as bigint) as channel_count,
    {%- for days in windows %}
    cast(coalesce(orders.order_count_{{ days }}, 0) as bigint) as order_count_{{ days }},
    cast(coalesce(orders.net_amount_{{ days }}, 0) as decimal(18, 2)) as net_amount_{{ days }}{{ ',' if not loop.last }}
    {%- endfor %}
from customers
left join orders on customers.customer_id = orders.customer_id
left join days on customers.customer_id = days.customer_id
left join categories on customers.customer_id = categories.customer_id
