-- Grain: campaign × household that received it.
-- Everybody listed was treated: the data name no control group, and who is not listed was not held out at random.
-- A household responded on the day it first used a coupon of the campaign; when it got the mailing is not known.
{{ config(enabled='complete_journey' in var('sources')) }}

with members as (
    select * from {{ current_versions('complete_journey', 'campaigns') }}
),

redemptions as (
    select
        campaign_id,
        household_id,
        -- Dates are ISO texts, so that the least is the earliest.
        min(redemption_date) as redemption_date
    from {{ current_versions('complete_journey', 'coupon_redemptions') }}
    where not _is_deleted
    group by campaign_id, household_id
)

select
    cast('complete_journey' as varchar) as source,
    {{ to_text('members.campaign_id') }} as campaign_id,
    {{ to_text('members.household_id') }} as customer_id,
    cast('treated' as varchar) as arm,
    {{ to_utc_timestamp('redemptions.redemption_date') }} as responded_at,
    cast(null as timestamp) as modified_at,
    members._is_deleted as is_deleted,
    members._load_id,
    members._load_date
from members
left join redemptions
    on members.campaign_id = redemptions.campaign_id
    and members.household_id = redemptions.household_id
