{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_changed_orders() }}") }}
-- Grain: line of an order.
-- Returned lines are negative whatever sign the source wrote; a negative amount of a positive quantity is a discount.
-- A return that names another order lowers that order, on its original date (fct_order), unless the return was itself
-- deleted or cancelled; deleted lines are left out.
-- depends_on: {{ ref('fct_order_change') }}
with order_lines as (
    select
        lines.*,
        source || ':' || order_id as order_key,
        coalesce(is_return, quantity < 0, net_amount < 0, false) as is_return_line
    from {{ union_sources('order_lines') }} as lines
    where not is_deleted
),

keyed as (
    select
        *,
        case when is_return_line then source || ':' || original_order_id end as original_order_key
    from order_lines
    where {{ only_changed_orders('order_key') }}
),

undone as (
    select distinct keyed.order_key
    from keyed
    inner join {{ union_sources('orders') }} as orders
        on keyed.source = orders.source
        and keyed.order_id = orders.order_id
    left join {{ ref('order_status_rules') }} as rules on lower(trim(orders.status)) = rules.status
    where keyed.original_order_key is not null and (orders.is_deleted or rules.is_cancelled)
)

select
    keyed.order_key,
    cast(keyed.line_no as varchar) as line_no,
    keyed.source,
    keyed.source || ':' || keyed.product_id as product_id,
    cast(case when keyed.is_return_line then -abs(keyed.quantity) else keyed.quantity end as decimal(18, 3))
        as quantity,
    cast(keyed.list_price as decimal(18, 2)) as list_price,
    cast(case when keyed.is_return_line then -abs(keyed.net_amount) else keyed.net_amount end as decimal(18, 2))
        as net_amount,
    cast(case when keyed.is_return_line then -abs(keyed.cost_amount) else keyed.cost_amount end as decimal(18, 2))
        as cost_amount,
    keyed.is_return_line as is_return,
    case when undone.order_key is null then keyed.original_order_key end as original_order_key
from keyed
left join undone on keyed.order_key = undone.order_key
