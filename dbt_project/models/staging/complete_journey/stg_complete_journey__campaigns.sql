-- Grain: campaign.
-- Campaigns have no name but a number; what they cost is not known.
{{ config(enabled='complete_journey' in var('sources')) }}

with descriptions as (
    select
        {{ to_text('campaign_id') }} as campaign_id,
        {{ to_text('campaign_type') }} as campaign_type,
        {{ to_date('start_date') }} as start_on,
        {{ to_date('end_date') }} as end_on,
        _is_deleted,
        _load_id,
        _load_date
    from {{ current_versions('complete_journey', 'campaign_descriptions') }}
)

select
    cast('complete_journey' as varchar) as source,
    campaign_id,
    'campaign ' || campaign_id as name,
    campaign_type as type,
    start_on,
    end_on,
    cast(null as timestamp) as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date
from descriptions
