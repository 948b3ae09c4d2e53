-- Grain: month_start × from_tier × to_tier, the last thirteen months, every pair, also where nobody moved.
-- The customer tier at the end of the month before against that at the month's end (as_of_date in its month), both by
-- the same formula on the facts of their day. Whoever first bought in the month comes from `new`.
{%- set share = [
    'coalesce(moves.customer_count, 0)',
    'sum(coalesce(moves.customer_count, 0)) over (partition by months.month_start, origins.tier)',
] %}
with moves as (
    select
        dates.month_start,
        dates.is_partial,
        coalesce(before.tier, 'new') as from_tier,
        after.tier as to_tier,
        count(*) as customer_count
    from {{ ref('dim_scoring_date') }} as dates
    inner join {{ ref('fct_customer_tier_score') }} as after on dates.scored_on = after.scored_on
    left join {{ ref('fct_customer_tier_score') }} as before
        on after.customer_id = before.customer_id and dates.previous_scored_on = before.scored_on
    group by dates.month_start, dates.is_partial, coalesce(before.tier, 'new'), after.tier
),

months as (
    select distinct moves.month_start, moves.is_partial
    from moves
    cross join {{ ref('dim_run') }} as run
    where moves.month_start > {{ add_months(period_start('month', 'run.as_of_date'), -13) }}
),

tiers as (
    select item as tier, tier_zh, tier_en
    from {{ ref('tier_rules') }}
    where score = 'tier'
),

origins as (
    select tier, tier_zh, tier_en from tiers
    union all
    select 'new', '新客户', 'New'
)

select
    cast(months.month_start as date) as month_start,
    cast(origins.tier as varchar) as from_tier,
    cast(tiers.tier as varchar) as to_tier,
    cast(origins.tier_zh as varchar) as from_tier_zh,
    cast(tiers.tier_zh as varchar) as to_tier_zh,
    cast(origins.tier_en as varchar) as from_tier_en,
    cast(tiers.tier_en as varchar) as to_tier_en,
    cast(coalesce(moves.customer_count, 0) as bigint) as customer_count,
    cast({{ share[1] }} as bigint) as from_customer_count,
    cast({{ rate(*share) }} as double) as share,
    cast({{ wilson_lower(*share) }} as double) as share_lower,
    cast({{ wilson_upper(*share) }} as double) as share_upper,
    cast(months.is_partial as boolean) as is_partial
from months
cross join origins
cross join tiers
left join moves
    on months.month_start = moves.month_start and origins.tier = moves.from_tier and tiers.tier = moves.to_tier
