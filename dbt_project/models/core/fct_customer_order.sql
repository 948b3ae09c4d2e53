-- Grain: valid order that happened by as_of_date and reaches a customer.
-- The one place where facts meet customers and the date of the run; everything about purchases is counted from here.
-- Margin is net amount less cost where every line has a cost, else net amount times the warehouse's margin_rate.
select
    crosswalk.customer_id,
    orders.order_key,
    orders.ordered_on,
    orders.channel,
    orders.net_amount,
    cast(
        case
            when orders.cost_amount is not null then orders.net_amount - orders.cost_amount
            else round(cast(orders.net_amount as decimal(28, 2)) * cast({{ var('margin_rate') }} as decimal(9, 6)), 2)
        end as decimal(18, 2)
    ) as margin_amount
from {{ ref('fct_order') }} as orders
inner join {{ ref('id_crosswalk') }} as crosswalk on orders.record_key = crosswalk.record_key
cross join {{ ref('dim_run') }} as run
where orders.is_valid and orders.ordered_on <= run.as_of_date
