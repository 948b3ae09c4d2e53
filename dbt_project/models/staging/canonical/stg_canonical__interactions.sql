-- Grain: interaction of the source, planned or done.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'type': to_choice('type', ['call', 'visit', 'message', 'email', 'event', 'social']),
    'direction': to_choice('direction', ['in', 'out']),
    'purpose': to_choice('purpose', ['followup', 'care', 'birthday', 'service', 'promotion']),
    'started_at': to_utc_timestamp('started_at', 'UTC'),
    'planned_at': to_utc_timestamp('planned_at', 'UTC'),
    'replied_at': to_utc_timestamp('replied_at', 'UTC'),
    'duration_minutes': to_decimal('duration_minutes', 18, 2),
    'cost_amount': to_decimal('cost_amount'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with versions as (
    select * from {{ current_versions('canonical', 'interactions') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('interaction_id') }} as interaction_id,
    {{ to_text('customer_id') }} as customer_id,
    {{ to_text('lead_id') }} as lead_id,
    {{ to_text('owner_id') }} as owner_id,
    {{ typed.type }} as type,
    {{ typed.direction }} as direction,
    {{ typed.purpose }} as purpose,
    {{ typed.started_at }} as started_at,
    {{ typed.planned_at }} as planned_at,
    {{ typed.replied_at }} as replied_at,
    {{ typed.duration_minutes }} as duration_minutes,
    {{ to_text('campaign_id') }} as campaign_id,
    {{ typed.cost_amount }} as cost_amount,
    {{ typed.modified_at }} as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from versions
