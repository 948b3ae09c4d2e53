-- Grain: order (Sales_Orders), all statuses.
-- Who ordered is the account, else the contact: consumers have no account.
{{ config(enabled='zoho' in var('sources')) }}
{%- set typed = {
    'order_time': to_utc_timestamp('order_time', 'UTC'),
    'sub_total': to_decimal('sub_total'),
    'discount': to_decimal('discount'),
    'tax': to_decimal('tax'),
    'net_amount': to_decimal('net_amount'),
    'shipped_time': to_utc_timestamp('shipped_time', 'UTC'),
    'delivered_time': to_utc_timestamp('delivered_time', 'UTC'),
    'created_time': to_utc_timestamp('created_time', 'UTC'),
    'modified_time': to_utc_timestamp('modified_time', 'UTC'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('zoho', 'sales_orders') }}
)

select
    cast('zoho' as varchar) as source,
    {{ to_text('id') }} as order_id,
    coalesce({{ to_text('account_name') }}, {{ to_text('contact_name') }}) as customer_id,
    typed_order_time as ordered_at,
    {{ to_text('sales_channel') }} as channel,
    {{ to_text('payment_method') }} as payment_method,
    {{ to_text('status') }} as status,
    typed_sub_total as gross_amount,
    typed_discount as discount_amount,
    typed_tax as tax_amount,
    typed_net_amount as net_amount,
    typed_shipped_time as shipped_at,
    typed_delivered_time as delivered_at,
    typed_modified_time as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
