-- Customers, orders and amounts of each value mart against core. A row names the figure that differs.
{% set comparisons = [
    ('customers of mart_customer_purchase', 'core.customer_count', 'purchase.customer_count'),
    ('buyers of mart_customer_purchase', 'core.buyer_count', 'purchase.buyer_count'),
    ('orders of mart_customer_purchase', 'core.order_count', 'purchase.order_count'),
    ('net amount of mart_customer_purchase', 'core.net_amount', 'purchase.net_amount'),
    ('margin of mart_customer_purchase', 'core.margin_amount', 'purchase.margin_amount'),
    ('purchase days of mart_customer_purchase', 'days.purchase_day_count', 'purchase.purchase_day_count'),
    ('customers of mart_customer_rfm', 'core.buyer_count', 'rfm.buyer_count'),
    ('customers of mart_customer_clv', 'core.buyer_count', 'clv.buyer_count'),
    ('net amount of mart_customer_clv', 'core.net_amount', 'clv.net_amount'),
    ('margin of mart_customer_clv', 'core.margin_amount', 'clv.margin_amount'),
    ('customers of mart_customer_tier', 'core.buyer_count', 'tier.buyer_count'),
    ('net amount of mart_customer_tier', 'core.net_amount', 'tier.net_amount'),
    ('customers of mart_customer_potential', 'core.buyer_count', 'potential.buyer_count'),
] -%}
with core as (
    select
        (select count(*) from {{ ref('dim_customer') }}) as customer_count,
        count(distinct customer_id) as buyer_count,
        count(*) as order_count,
        coalesce(sum(net_amount), 0) as net_amount,
        coalesce(sum(margin_amount), 0) as margin_amount
    from {{ ref('fct_customer_order') }}
),

days as (
    select count(*) as purchase_day_count from {{ ref('fct_purchase_day') }}
),

purchase as (
    select
        count(*) as customer_count,
        coalesce(sum(case when order_count > 0 then 1 else 0 end), 0) as buyer_count,
        coalesce(sum(order_count), 0) as order_count,
        coalesce(sum(net_amount), 0) as net_amount,
        coalesce(sum(margin_amount), 0) as margin_amount,
        coalesce(sum(purchase_day_count), 0) as purchase_day_count
    from {{ ref('mart_customer_purchase') }}
),

rfm as (
    select count(*) as buyer_count from {{ ref('mart_customer_rfm') }}
),

clv as (
    select
        horizon_days,
        count(*) as buyer_count,
        sum(historic_net_amount) as net_amount,
        sum(historic_margin_amount) as margin_amount
    from {{ ref('mart_customer_clv') }}
    group by horizon_days
),

tier as (
    select
        count(*) as buyer_count,
        coalesce(sum(historic_net_amount), 0) as net_amount
    from {{ ref('mart_customer_tier') }}
),

potential as (
    select count(*) as buyer_count from {{ ref('mart_customer_potential') }}
),

compared as (
    {%- for figure, expected, found in comparisons %}
    select
        '{{ figure }}' as figure,
        {{ expected }} as expected,
        {{ found }} as found
    from {{ expected.split('.')[0] }}
    cross join {{ found.split('.')[0] }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
)

select
    figure,
    expected,
    found
from compared
where expected <> found
