-- Grain: line of an order.
-- All lines of an order come from the newest load that holds the order, so that a line taken off an order disappears.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'quantity': to_decimal('quantity', 18, 3),
    'list_price': to_decimal('list_price'),
    'net_amount': to_decimal('net_amount'),
    'cost_amount': to_decimal('cost_amount'),
    'is_return': to_boolean('is_return'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'order_lines') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('order_id') }} as order_id,
    {{ to_text('line_no') }} as line_no,
    {{ to_text('product_id') }} as product_id,
    typed_quantity as quantity,
    typed_list_price as list_price,
    typed_net_amount as net_amount,
    typed_cost_amount as cost_amount,
    typed_is_return as is_return,
    {{ to_text('original_order_id') }} as original_order_id,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
