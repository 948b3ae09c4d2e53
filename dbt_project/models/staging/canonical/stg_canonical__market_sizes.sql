-- Grain: category × period.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'market_amount': to_decimal('market_amount'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'market_sizes') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('category') }} as category,
    {{ to_text('period') }} as period,
    typed_market_amount as market_amount,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
