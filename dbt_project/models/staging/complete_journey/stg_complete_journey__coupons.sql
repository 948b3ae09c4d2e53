-- Grain: copy of a coupon in the hands of a household.
-- The data say what each campaign hands out and what was used, not who got which coupon. In types B and C every
-- household of the campaign gets every coupon, so the copies follow. In type A sixteen are chosen for each household:
-- only the used ones are known, without issued_at, and a rate of use must leave them out.
{{ config(enabled='complete_journey' in var('sources')) }}

with members as (
    select * from {{ current_versions('complete_journey', 'campaigns') }}
    where not _is_deleted
),

descriptions as (
    select * from {{ current_versions('complete_journey', 'campaign_descriptions') }}
    where not _is_deleted
),

offers as (
    select distinct
        campaign_id,
        coupon_upc
    from {{ current_versions('complete_journey', 'coupons') }}
    where not _is_deleted
),

issued as (
    select
        members.campaign_id,
        members.household_id,
        offers.coupon_upc,
        1 as copy_number,
        members._load_id,
        members._load_date
    from members
    inner join descriptions on members.campaign_id = descriptions.campaign_id
    inner join offers on members.campaign_id = offers.campaign_id
    where descriptions.campaign_type in ('Type B', 'Type C')
),

redeemed as (
    select
        campaign_id,
        household_id,
        coupon_upc,
        row_number() over (
            partition by campaign_id, household_id, coupon_upc
            order by redemption_date nulls last
        ) as copy_number,
        redemption_date,
        _load_id,
        _load_date
    from {{ current_versions('complete_journey', 'coupon_redemptions') }}
    where not _is_deleted
),

copies as (
    select
        coalesce(issued.campaign_id, redeemed.campaign_id) as campaign_id,
        coalesce(issued.household_id, redeemed.household_id) as household_id,
        coalesce(issued.coupon_upc, redeemed.coupon_upc) as coupon_upc,
        coalesce(issued.copy_number, redeemed.copy_number) as copy_number,
        redeemed.redemption_date,
        coalesce(redeemed._load_id, issued._load_id) as _load_id,
        coalesce(redeemed._load_date, issued._load_date) as _load_date
    from issued
    full outer join redeemed
        on issued.campaign_id = redeemed.campaign_id
        and issued.household_id = redeemed.household_id
        and issued.coupon_upc = redeemed.coupon_upc
        and issued.copy_number = redeemed.copy_number
)

select
    cast('complete_journey' as varchar) as source,
    copies.campaign_id || ':' || copies.household_id || ':' || copies.coupon_upc || ':'
    || cast(copies.copy_number as varchar) as coupon_id,
    copies.campaign_id,
    copies.household_id as customer_id,
    case
        when descriptions.campaign_type in ('Type B', 'Type C')
            then {{ to_utc_timestamp('descriptions.start_date') }}
    end as issued_at,
    {{ to_utc_timestamp('copies.redemption_date') }} as redeemed_at,
    cast(null as timestamp) as modified_at,
    false as is_deleted,
    copies._load_id,
    copies._load_date
from copies
left join descriptions on copies.campaign_id = descriptions.campaign_id
