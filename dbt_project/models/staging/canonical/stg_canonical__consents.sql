-- Grain: customer × purpose, the latest answer.
-- The header at is granted_at here, since AT is a word of SQL.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'granted': to_boolean('granted'),
    'granted_at': to_utc_timestamp('granted_at', 'UTC'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'consents') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('customer_id') }} as customer_id,
    {{ to_text('purpose') }} as purpose,
    typed_granted as granted,
    typed_granted_at as granted_at,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
