-- Grain: metric × segment × period, one figure of others to compare with.
-- Segment and period are part of the key, so that empty ones become the word all.
-- The header source is value_source here, since source names the system that a row came from.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'value': to_decimal('value', 38, 9),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'benchmarks') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('metric') }} as metric,
    coalesce({{ to_text('segment') }}, 'all') as segment,
    coalesce({{ to_text('period') }}, 'all') as period,
    typed_value as value,
    {{ to_text('value_source') }} as value_source,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
