-- Grain: visit (CheckinsObj, planned or done) or sales record (ActiveRecordObj).
-- A visit took place when the employee checked in: started_at is NULL for one that is only planned. WeChat counts as
-- message, a meeting as event.
{{ config(enabled='fxiaoke' in var('sources')) }}
{%- set typed_visits = {
    'planned_at': to_utc_timestamp('planned_at', 'UTC'),
    'checkin_at': to_utc_timestamp('checkin_at', 'UTC'),
    'checkout_at': to_utc_timestamp('checkout_at', 'UTC'),
    'cost': to_decimal('cost'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}
{%- set typed_activities = {
    'direction': to_choice('direction', ['in', 'out']),
    'happened_at': to_utc_timestamp('happened_at', 'UTC'),
    'replied_at': to_utc_timestamp('replied_at', 'UTC'),
    'duration_minutes': to_decimal('duration_minutes'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}
{%- set purpose -%}
    case {{ to_text('purpose') }}
        when '拜访' then 'followup'
        when '跟进' then 'followup'
        when '关怀' then 'care'
        when '生日' then 'birthday'
        when '服务' then 'service'
        when '促销' then 'promotion'
    end
{%- endset %}

with visit_cells as (
    select
        *,
        {{ typed_columns(typed_visits) }}
    from {{ current_versions('fxiaoke', 'visits') }}
),

activity_cells as (
    select
        *,
        {{ typed_columns(typed_activities) }}
    from {{ current_versions('fxiaoke', 'activities') }}
)

select
    cast('fxiaoke' as varchar) as source,
    {{ to_text('visit_id') }} as interaction_id,
    {{ to_text('account_id') }} as customer_id,
    cast(null as varchar) as lead_id,
    {{ to_first_item('owner_id') }} as owner_id,
    cast('visit' as varchar) as type,
    cast('out' as varchar) as direction,
    {{ purpose }} as purpose,
    typed_checkin_at as started_at,
    typed_planned_at as planned_at,
    cast(null as timestamp) as replied_at,
    cast({{ seconds_between('typed_checkin_at', 'typed_checkout_at') }} / 60 as decimal(18, 2)) as duration_minutes,
    cast(null as varchar) as campaign_id,
    typed_cost as cost_amount,
    typed_modified_at as modified_at,
    _is_deleted or coalesce({{ to_text('life_status') }} in ('作废', 'invalid'), false) as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed_visits) }} as uncast_count
from visit_cells

union all

select
    cast('fxiaoke' as varchar) as source,
    {{ to_text('activity_id') }} as interaction_id,
    case when {{ to_text('related_type') }} = 'AccountObj' then {{ to_text('related_id') }} end as customer_id,
    case when {{ to_text('related_type') }} = 'LeadsObj' then {{ to_text('related_id') }} end as lead_id,
    {{ to_first_item('owner_id') }} as owner_id,
    case {{ to_text('record_type') }}
        when 'call' then 'call'
        when 'message' then 'message'
        when 'wechat' then 'message'
        when 'email' then 'email'
        when 'meeting' then 'event'
    end as type,
    typed_direction as direction,
    {{ purpose }} as purpose,
    typed_happened_at as started_at,
    cast(null as timestamp) as planned_at,
    typed_replied_at as replied_at,
    typed_duration_minutes as duration_minutes,
    {{ to_text('campaign_id') }} as campaign_id,
    cast(null as decimal(18, 2)) as cost_amount,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed_activities) }} as uncast_count
from activity_cells
