-- Grain: lead (LeadsObj).
{{ config(enabled='fxiaoke' in var('sources')) }}
{%- set typed = {
    'score': to_decimal('score', 9, 2),
    'first_contact_at': to_utc_timestamp('first_contact_at', 'UTC'),
    'converted_at': to_utc_timestamp('converted_at', 'UTC'),
    'created_at': to_utc_timestamp('created_at', 'UTC'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('fxiaoke', 'leads') }}
)

select
    cast('fxiaoke' as varchar) as source,
    {{ to_text('lead_id') }} as lead_id,
    {{ to_text('source_channel') }} as source_channel,
    {{ to_text('campaign_id') }} as campaign_id,
    {{ to_first_item('owner_id') }} as owner_id,
    {{ to_text('status') }} as status,
    typed_score as score,
    typed_first_contact_at as first_contact_at,
    typed_converted_at as converted_at,
    {{ to_text('account_id') }} as customer_id,
    {{ to_text('opportunity_id') }} as opportunity_id,
    typed_created_at as created_at,
    typed_modified_at as modified_at,
    _is_deleted or coalesce({{ to_text('life_status') }} in ('作废', 'invalid'), false) as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
