-- Grain: lead.
-- What it became is the account, else the contact.
{{ config(enabled='zoho' in var('sources')) }}
{%- set typed = {
    'lead_score': to_decimal('lead_score', 9, 2),
    'first_contacted_time': to_utc_timestamp('first_contacted_time', 'UTC'),
    'converted_date_time': to_utc_timestamp('converted_date_time', 'UTC'),
    'created_time': to_utc_timestamp('created_time', 'UTC'),
    'modified_time': to_utc_timestamp('modified_time', 'UTC'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('zoho', 'leads') }}
)

select
    cast('zoho' as varchar) as source,
    {{ to_text('id') }} as lead_id,
    {{ to_text('lead_source') }} as source_channel,
    {{ to_text('campaign') }} as campaign_id,
    {{ to_text('owner') }} as owner_id,
    {{ to_text('lead_status') }} as status,
    typed_lead_score as score,
    typed_first_contacted_time as first_contact_at,
    typed_converted_date_time as converted_at,
    coalesce({{ to_text('converted_account') }}, {{ to_text('converted_contact') }}) as customer_id,
    {{ to_text('converted_deal') }} as opportunity_id,
    typed_created_time as created_at,
    typed_modified_time as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
