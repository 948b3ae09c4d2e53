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

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'interactions') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('interaction_id') }} as interaction_id,
    {{ to_text('customer_id') }} as customer_id,
    {{ to_text('lead_id') }} as lead_id,
    {{ to_text('owner_id') }} as owner_id,
    typed_type as type,
    typed_direction as direction,
    typed_purpose as purpose,
    typed_started_at as started_at,
    typed_planned_at as planned_at,
    typed_replied_at as replied_at,
    typed_duration_minutes as duration_minutes,
    {{ to_text('campaign_id') }} as campaign_id,
    typed_cost_amount as cost_amount,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
