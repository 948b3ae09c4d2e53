-- Grain: service case of the source.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'type': to_choice('type', ['complaint', 'question', 'return', 'delivery']),
    'opened_at': to_utc_timestamp('opened_at', 'UTC'),
    'first_reply_at': to_utc_timestamp('first_reply_at', 'UTC'),
    'closed_at': to_utc_timestamp('closed_at', 'UTC'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'cases') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('case_id') }} as case_id,
    {{ to_text('customer_id') }} as customer_id,
    {{ to_text('owner_id') }} as owner_id,
    typed_type as type,
    {{ to_text('topic') }} as topic,
    typed_opened_at as opened_at,
    typed_first_reply_at as first_reply_at,
    typed_closed_at as closed_at,
    {{ to_text('status') }} as status,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
