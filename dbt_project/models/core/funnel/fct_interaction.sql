-- Grain: interaction of a source, planned or done, everything known at known_on, also after as_of_date.
-- It concerns a customer's record, a lead, or both; a customer is reached through record_key and the crosswalk only.
select
    source || ':' || interaction_id as interaction_key,
    source,
    source || ':' || customer_id as record_key,
    source || ':' || lead_id as lead_key,
    source || ':' || owner_id as owner_key,
    source || ':' || campaign_id as campaign_key,
    type,
    direction,
    purpose,
    started_at,
    {{ business_date('started_at') }} as started_on,
    planned_at,
    {{ business_date('planned_at') }} as planned_on,
    replied_at,
    duration_minutes,
    cost_amount,
    is_deleted
from {{ union_sources('interactions') }}
