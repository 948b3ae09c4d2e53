-- Grain: customer × kind × moment.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'sent_at': to_utc_timestamp('sent_at', 'UTC'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'notifications') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('customer_id') }} as customer_id,
    {{ to_text('kind') }} as kind,
    typed_sent_at as sent_at,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
