{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_changed_orders() }}") }}
-- Grain: order, everything known at known_on, also after as_of_date.
-- The amount comes from the lines where there are any, after all known returns; is_valid says whether the order counts
-- as a purchase, invalid_reason why not. A customer is reached through record_key and the crosswalk only.
-- depends_on: {{ ref('fct_order_change') }}
with orders as (
    select
        orders.*,
        orders.source || ':' || orders.order_id as order_key,
        coalesce(rules.is_cancelled, false) as is_cancelled
    from {{ union_sources('orders') }} as orders
    left join {{ ref('order_status_rules') }} as rules on lower(trim(orders.status)) = rules.status
),

order_lines as (
    select
        order_key,
        net_amount,
        cost_amount,
        is_return,
        coalesce(original_order_key, order_key) = order_key as is_own
    from {{ ref('fct_order_line') }}
    where {{ only_changed_orders('order_key') }}
),

own_lines as (
    select
        order_key,
        count(*) as line_count,
        sum(case when is_own then net_amount else 0 end) as net_amount,
        sum(case when is_own then cost_amount else 0 end) as cost_amount,
        sum(case when is_return then 1 else 0 end) as return_count,
        sum(case when is_own and cost_amount is null then 1 else 0 end) as uncosted_count
    from order_lines
    group by order_key
),

returns as (
    select
        original_order_key as order_key,
        sum(net_amount) as net_amount,
        sum(cost_amount) as cost_amount,
        count(*) as return_count,
        sum(case when cost_amount is null then 1 else 0 end) as uncosted_count
    from {{ ref('fct_order_line') }}
    where original_order_key <> order_key and {{ only_changed_orders('original_order_key') }}
    group by original_order_key
),

amounts as (
    select
        orders.*,
        coalesce(own_lines.line_count, 0) as line_count,
        coalesce(own_lines.return_count, 0) + coalesce(returns.return_count, 0) as return_count,
        coalesce(own_lines.net_amount, orders.net_amount) + coalesce(returns.net_amount, 0) as final_net_amount,
        case
            when own_lines.uncosted_count + coalesce(returns.uncosted_count, 0) = 0
                then own_lines.cost_amount + coalesce(returns.cost_amount, 0)
        end as cost_amount,
        own_lines.net_amount <> orders.net_amount as has_amount_difference
    from orders
    left join own_lines on orders.order_key = own_lines.order_key
    left join returns on orders.order_key = returns.order_key
    where {{ only_changed_orders('orders.order_key') }}
),

judged as (
    select
        amounts.*,
        case
            when is_deleted then 'deleted'
            when ordered_at is null then 'undated'
            when is_cancelled then 'cancelled'
            when final_net_amount is null then 'unpriced'
            when final_net_amount > 0 then null
            when return_count > 0 then 'returned'
            when final_net_amount < 0 then 'negative'
            {%- if not var('zero_amount_counts_as_purchase') %}
            else 'zero_amount'
            {%- endif %}
        end as invalid_reason
    from amounts
)

select
    order_key,
    source,
    source || ':' || customer_id as record_key,
    cast(ordered_at as timestamp) as ordered_at,
    {{ business_date('ordered_at') }} as ordered_on,
    channel,
    store_id,
    status,
    cast(gross_amount as decimal(18, 2)) as gross_amount,
    cast(discount_amount as decimal(18, 2)) as discount_amount,
    cast(net_amount as decimal(18, 2)) as header_net_amount,
    cast(final_net_amount as decimal(18, 2)) as net_amount,
    cast(cost_amount as decimal(18, 2)) as cost_amount,
    cast(line_count as bigint) as line_count,
    coalesce(has_amount_difference, false) as has_amount_difference,
    is_deleted,
    invalid_reason is null as is_valid,
    invalid_reason
from judged
