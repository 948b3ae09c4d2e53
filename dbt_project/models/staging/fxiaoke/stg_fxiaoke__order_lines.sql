-- Grain: product of a sales order (SalesOrderProductObj), or of a return (ReturnedGoodsInvoiceObj).
-- A return is no order of its own in Fxiaoke: its lines carry the number of the return, and name the order that the
-- goods were bought with, whose amount they lower. Its amounts are positive there; is_return says what they are.
{{ config(enabled='fxiaoke' in var('sources')) }}
{%- set typed_lines = {
    'quantity': to_decimal('quantity', 18, 3),
    'list_price': to_decimal('list_price'),
    'net_amount': to_decimal('net_amount'),
    'cost_amount': to_decimal('cost_amount'),
    'modified_at': to_utc_timestamp('modified_at', 'Asia/Shanghai'),
} %}
{%- set typed_returns = {
    'quantity': to_decimal('quantity', 18, 3),
    'net_amount': to_decimal('net_amount'),
    'returned_at': to_utc_timestamp('returned_at', 'Asia/Shanghai'),
    'modified_at': to_utc_timestamp('modified_at', 'Asia/Shanghai'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with line_cells as (
    select
        *,
        {{ typed_columns(typed_lines) }}
    from {{ current_versions('fxiaoke', 'order_lines') }}
),

return_cells as (
    select
        *,
        {{ typed_columns(typed_returns) }}
    from {{ current_versions('fxiaoke', 'returns') }}
)

select
    cast('fxiaoke' as varchar) as source,
    {{ to_text('order_id') }} as order_id,
    {{ to_text('line_no') }} as line_no,
    {{ to_text('product_id') }} as product_id,
    typed_quantity as quantity,
    typed_list_price as list_price,
    typed_net_amount as net_amount,
    typed_cost_amount as cost_amount,
    false as is_return,
    cast(null as varchar) as original_order_id,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed_lines) }} as uncast_count
from line_cells

union all

select
    cast('fxiaoke' as varchar) as source,
    {{ to_text('return_id') }} as order_id,
    {{ to_text('line_no') }} as line_no,
    {{ to_text('product_id') }} as product_id,
    typed_quantity as quantity,
    cast(null as decimal(18, 2)) as list_price,
    typed_net_amount as net_amount,
    cast(null as decimal(18, 2)) as cost_amount,
    true as is_return,
    {{ to_text('order_id') }} as original_order_id,
    typed_modified_at as modified_at,
    _is_deleted
    or coalesce(
        {{ to_text('life_status') }} in ('作废', 'invalid')
        or {{ to_choice('life_status', fxiaoke_not_in_force()) }} is not null,
        false
    ) as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed_returns) }} as uncast_count
from return_cells
