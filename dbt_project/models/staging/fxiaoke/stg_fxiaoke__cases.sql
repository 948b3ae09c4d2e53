-- Grain: service case (CasesObj).
{{ config(enabled='fxiaoke' in var('sources')) }}
{%- set typed = {
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
    from {{ current_versions('fxiaoke', 'cases') }}
)

select
    cast('fxiaoke' as varchar) as source,
    {{ to_text('case_id') }} as case_id,
    {{ to_text('account_id') }} as customer_id,
    {{ to_first_item('owner_id') }} as owner_id,
    case {{ to_text('type') }}
        when '投诉' then 'complaint'
        when '咨询' then 'question'
        when '退货' then 'return'
        when '配送' then 'delivery'
    end as type,
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
