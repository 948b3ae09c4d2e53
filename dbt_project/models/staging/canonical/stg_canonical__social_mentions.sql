-- Grain: mention on a platform.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'occurred_at': to_utc_timestamp('occurred_at', 'UTC'),
    'sentiment': to_decimal('sentiment', 9, 6),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'social_mentions') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('mention_id') }} as mention_id,
    {{ to_text('platform') }} as platform,
    {{ to_text('customer_id') }} as customer_id,
    typed_occurred_at as occurred_at,
    typed_sentiment as sentiment,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
