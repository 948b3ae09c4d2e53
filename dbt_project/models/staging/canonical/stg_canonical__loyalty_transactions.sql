-- Grain: movement of a member's points; their sum is the balance.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'points': to_decimal('points', 18, 2),
    'type': to_choice('type', ['earn', 'burn', 'expire']),
    'occurred_at': to_utc_timestamp('occurred_at', 'UTC'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'loyalty_transactions') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('transaction_id') }} as transaction_id,
    {{ to_text('customer_id') }} as customer_id,
    typed_points as points,
    typed_type as type,
    typed_occurred_at as occurred_at,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
