{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_changed_orders() }}") }}
-- Grain: line of an order.
-- Returned lines are negative whatever sign the source wrote. A return that names another order lowers that order,
-- on its original date (fct_order); deleted lines are left out.
-- depends_on: {{ ref('fct_order_change') }}
with lines as (
    select * from {{ union_sources('order_lines') }}
    where not is_deleted
),

keyed as (
    select
        lines.*,
        source || ':' || order_id as order_key,
        coalesce(is_return, quantity < 0 or net_amount < 0, false) as is_return_line
    from lines
)

select
    order_key,
    cast(line_no as varchar) as line_no,
    source,
    source || ':' || product_id as product_id,
    cast(case when is_return_line then -abs(quantity) else quantity end as decimal(18, 3)) as quantity,
    cast(list_price as decimal(18, 2)) as list_price,
    cast(case when is_return_line then -abs(net_amount) else net_amount end as decimal(18, 2)) as net_amount,
    cast(case when is_return_line then -abs(cost_amount) else cost_amount end as decimal(18, 2)) as cost_amount,
    is_return_line as is_return,
    case
        when is_return_line and original_order_id is not null then source || ':' || original_order_id
    end as original_order_key
from keyed
where {{ only_changed_orders('order_key') }}
