-- Grain: coupon in a customer's hands.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'issued_at': to_utc_timestamp('issued_at', 'UTC'),
    'redeemed_at': to_utc_timestamp('redeemed_at', 'UTC'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'coupons') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('coupon_id') }} as coupon_id,
    {{ to_text('campaign_id') }} as campaign_id,
    {{ to_text('customer_id') }} as customer_id,
    typed_issued_at as issued_at,
    typed_redeemed_at as redeemed_at,
    {{ to_text('order_id') }} as order_id,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
