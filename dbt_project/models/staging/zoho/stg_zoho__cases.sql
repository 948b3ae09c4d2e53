-- Grain: service case (Cases).
{{ config(enabled='zoho' in var('sources')) }}
{%- set typed = {
    'type': to_choice('type', ['complaint', 'question', 'return', 'delivery']),
    'created_time': to_utc_timestamp('created_time', 'UTC'),
    'first_response_time': to_utc_timestamp('first_response_time', 'UTC'),
    'closed_time': to_utc_timestamp('closed_time', 'UTC'),
    'modified_time': to_utc_timestamp('modified_time', 'UTC'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('zoho', 'cases') }}
)

select
    cast('zoho' as varchar) as source,
    {{ to_text('id') }} as case_id,
    coalesce({{ to_text('account_name') }}, {{ to_text('contact_name') }}) as customer_id,
    {{ to_text('owner') }} as owner_id,
    typed_type as type,
    {{ to_text('case_reason') }} as topic,
    typed_created_time as opened_at,
    typed_first_response_time as first_reply_at,
    typed_closed_time as closed_at,
    {{ to_text('status') }} as status,
    typed_modified_time as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
