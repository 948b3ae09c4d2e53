-- Grain: measure that is meant to move a metric.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'start_on': to_date('start_on'),
    'end_on': to_date('end_on'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'initiatives') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('initiative_id') }} as initiative_id,
    {{ to_text('metric') }} as metric,
    {{ to_text('segment') }} as segment,
    typed_start_on as start_on,
    typed_end_on as end_on,
    {{ to_text('arm_column') }} as arm_column,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
