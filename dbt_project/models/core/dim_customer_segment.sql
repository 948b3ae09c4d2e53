-- Grain: customer with a purchase × segment type.
-- The segments that do not change with time, so that a period's figures can be cut by them without leaking today into
-- the past; channel is the channel of the first purchase. Missing values are the segment `unknown`, never left out.
with first_orders as (
    select
        customer_id,
        min_by(channel, order_key) as channel
    from (
        select orders.customer_id, orders.channel, orders.order_key
        from {{ ref('fct_customer_order') }} as orders
        inner join {{ ref('fct_purchase_day') }} as purchases
            on orders.customer_id = purchases.customer_id
            and orders.ordered_on = purchases.purchase_on
        where purchases.purchase_number = 1
    ) as first_days
    group by customer_id
),

customers as (
    select
        first_orders.customer_id,
        coalesce(customers.kind, 'unknown') as kind,
        coalesce(first_orders.channel, customers.channel, 'unknown') as channel,
        coalesce(customers.province, 'unknown') as province,
        coalesce(customers.owner_team, 'unknown') as owner_team
    from first_orders
    inner join {{ ref('dim_customer') }} as customers on first_orders.customer_id = customers.customer_id
)

select customer_id, 'all' as segment_type, 'all' as segment from customers
union all
select customer_id, 'kind', kind from customers
union all
select customer_id, 'channel', channel from customers
union all
select customer_id, 'province', province from customers
union all
select customer_id, 'owner_team', owner_team from customers
