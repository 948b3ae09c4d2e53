-- Grain: event in a shop of the company, by a customer who is known.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'event': to_choice('event', ['view', 'cart', 'search']),
    'occurred_at': to_utc_timestamp('occurred_at', 'UTC'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'browse_events') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('event_id') }} as event_id,
    {{ to_text('customer_id') }} as customer_id,
    {{ to_text('product_id') }} as product_id,
    typed_event as event,
    typed_occurred_at as occurred_at,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
