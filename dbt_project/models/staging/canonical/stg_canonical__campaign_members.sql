-- Grain: campaign × customer record.
-- The arm is the assignment, not what was delivered: effects are judged by intention to treat.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'arm': to_choice('arm', ['treated', 'control']),
    'sent_at': to_utc_timestamp('sent_at', 'UTC'),
    'responded_at': to_utc_timestamp('responded_at', 'UTC'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'campaign_members') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('campaign_id') }} as campaign_id,
    {{ to_text('customer_id') }} as customer_id,
    typed_arm as arm,
    typed_sent_at as sent_at,
    typed_responded_at as responded_at,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
