-- Grain: customer × day with a purchase.
-- Several valid orders of one business date are one purchase.
with days as (
    select
        customer_id,
        ordered_on as purchase_on,
        count(*) as order_count,
        sum(net_amount) as net_amount,
        sum(margin_amount) as margin_amount
    from {{ ref('fct_customer_order') }}
    group by customer_id, ordered_on
)

select
    customer_id,
    purchase_on,
    cast(order_count as bigint) as order_count,
    cast(net_amount as decimal(18, 2)) as net_amount,
    cast(margin_amount as decimal(18, 2)) as margin_amount,
    cast(row_number() over (partition by customer_id order by purchase_on asc nulls last) as bigint)
        as purchase_number,
    lag(purchase_on) over (partition by customer_id order by purchase_on asc nulls last) as previous_purchase_on
from days
