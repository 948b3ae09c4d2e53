-- Grain: telephone call (Calls) or meeting (Events).
-- With whom is the account, else the contact (consumers have no account) or the lead.
{{ config(enabled='zoho' in var('sources')) }}
{%- set typed_calls = {
    'call_start_time': to_utc_timestamp('call_start_time', 'UTC'),
    'call_duration_minutes': to_decimal('call_duration_minutes'),
    'replied_time': to_utc_timestamp('replied_time', 'UTC'),
    'modified_time': to_utc_timestamp('modified_time', 'UTC'),
} %}
{%- set typed_events = {
    'event_type': to_choice('event_type', ['visit', 'event']),
    'planned_time': to_utc_timestamp('planned_time', 'UTC'),
    'start_datetime': to_utc_timestamp('start_datetime', 'UTC'),
    'end_datetime': to_utc_timestamp('end_datetime', 'UTC'),
    'cost': to_decimal('cost'),
    'modified_time': to_utc_timestamp('modified_time', 'UTC'),
} %}

with call_cells as (
    select
        *,
        {{ typed_columns(typed_calls) }}
    from {{ current_versions('zoho', 'calls') }}
),

event_cells as (
    select
        *,
        {{ typed_columns(typed_events) }}
    from {{ current_versions('zoho', 'events') }}
)

select
    cast('zoho' as varchar) as source,
    {{ to_text('id') }} as interaction_id,
    coalesce(
        {{ to_text('what_id') }},
        case when {{ to_text('who_module') }} = 'Contacts' then {{ to_text('who_id') }} end
    ) as customer_id,
    case when {{ to_text('who_module') }} = 'Leads' then {{ to_text('who_id') }} end as lead_id,
    {{ to_text('owner') }} as owner_id,
    cast('call' as varchar) as type,
    case {{ to_text('call_type') }} when 'Outbound' then 'out' when 'Inbound' then 'in' when 'Missed' then 'in' end
        as direction,
    case lower({{ to_text('call_purpose') }})
        when 'prospecting' then 'followup'
        when 'negotiation' then 'followup'
        when 'demo' then 'followup'
        when 'follow-up' then 'followup'
        when 'followup' then 'followup'
        when 'care' then 'care'
        when 'birthday' then 'birthday'
        when 'service' then 'service'
        when 'promotion' then 'promotion'
    end as purpose,
    typed_call_start_time as started_at,
    cast(null as timestamp) as planned_at,
    typed_replied_time as replied_at,
    typed_call_duration_minutes as duration_minutes,
    cast(null as varchar) as campaign_id,
    cast(null as decimal(18, 2)) as cost_amount,
    typed_modified_time as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed_calls) }} as uncast_count
from call_cells

union all

select
    cast('zoho' as varchar) as source,
    {{ to_text('id') }} as interaction_id,
    coalesce(
        {{ to_text('what_id') }},
        case when {{ to_text('who_module') }} = 'Contacts' then {{ to_text('who_id') }} end
    ) as customer_id,
    case when {{ to_text('who_module') }} = 'Leads' then {{ to_text('who_id') }} end as lead_id,
    {{ to_text('owner') }} as owner_id,
    case when {{ to_text('event_type') }} is null then 'event' else typed_event_type end as type,
    cast('out' as varchar) as direction,
    cast(null as varchar) as purpose,
    typed_start_datetime as started_at,
    typed_planned_time as planned_at,
    cast(null as timestamp) as replied_at,
    cast({{ seconds_between('typed_start_datetime', 'typed_end_datetime') }} / 60 as decimal(18, 2))
        as duration_minutes,
    cast(null as varchar) as campaign_id,
    typed_cost as cost_amount,
    typed_modified_time as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed_events) }} as uncast_count
from event_cells
