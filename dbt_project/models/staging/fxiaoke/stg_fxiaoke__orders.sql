-- Grain: sales order (SalesOrderObj), all statuses.
-- Nothing is filtered here: an order without a readable date or amount stays, and core says why it is not valid.
-- Its status is the approval's until the order is in force: order_status_rules knows these words.
{{ config(enabled='fxiaoke' in var('sources')) }}
{%- set typed = {
    'ordered_at': to_utc_timestamp('ordered_at', 'Asia/Shanghai'),
    'gross_amount': to_decimal('gross_amount'),
    'discount_amount': to_decimal('discount_amount'),
    'tax_amount': to_decimal('tax_amount'),
    'net_amount': to_decimal('net_amount'),
    'shipped_at': to_utc_timestamp('shipped_at', 'Asia/Shanghai'),
    'delivered_at': to_utc_timestamp('delivered_at', 'Asia/Shanghai'),
    'created_at': to_utc_timestamp('created_at', 'Asia/Shanghai'),
    'modified_at': to_utc_timestamp('modified_at', 'Asia/Shanghai'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('fxiaoke', 'orders') }}
)

select
    cast('fxiaoke' as varchar) as source,
    {{ to_text('order_id') }} as order_id,
    {{ to_text('account_id') }} as customer_id,
    typed_ordered_at as ordered_at,
    {{ to_text('channel') }} as channel,
    {{ to_text('payment_method') }} as payment_method,
    coalesce({{ to_choice('life_status', fxiaoke_not_in_force()) }}, {{ to_text('status') }}) as status,
    typed_gross_amount as gross_amount,
    typed_discount_amount as discount_amount,
    typed_tax_amount as tax_amount,
    typed_net_amount as net_amount,
    {{ to_text('store_id') }} as store_id,
    typed_shipped_at as shipped_at,
    typed_delivered_at as delivered_at,
    typed_modified_at as modified_at,
    _is_deleted or coalesce({{ to_text('life_status') }} in ('作废', 'invalid'), false) as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
