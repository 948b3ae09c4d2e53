-- Grain: line of an order (Ordered_Items).
-- Goods that came back are lines of the same order, negative: Zoho has no returns of its own.
{{ config(enabled='zoho' in var('sources')) }}
{%- set typed = {
    'quantity': to_decimal('quantity', 18, 3),
    'list_price': to_decimal('list_price'),
    'net_total': to_decimal('net_total'),
    'cost': to_decimal('cost'),
    'modified_time': to_utc_timestamp('modified_time', 'UTC'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('zoho', 'ordered_items') }}
)

select
    cast('zoho' as varchar) as source,
    {{ to_text('parent_id') }} as order_id,
    {{ to_text('sequence_number') }} as line_no,
    {{ to_text('product_code') }} as product_id,
    typed_quantity as quantity,
    typed_list_price as list_price,
    typed_net_total as net_amount,
    typed_cost as cost_amount,
    coalesce(typed_quantity < 0, typed_net_total < 0, false) as is_return,
    typed_modified_time as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
