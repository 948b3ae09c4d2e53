-- Grain: customer with a purchase up to as_of_date.
-- The customer tier (重要, 一般, 低价值) by value, loyalty and potential, the scores and what they are made of, and the
-- tier at the end of the month before. It is not the spending tier by which retention and service are cut.
with dates as (
    select scored_on, previous_scored_on from {{ ref('dim_scoring_date') }}
    where is_current
),

names as (
    select item, tier_zh, tier_en from {{ ref('tier_rules') }}
    where score = 'tier'
)

select
    cast(scores.customer_id as varchar) as customer_id,
    cast(scores.tier as varchar) as tier,
    cast(names.tier_zh as varchar) as tier_zh,
    cast(names.tier_en as varchar) as tier_en,
    cast(scores.total_score as decimal(5, 2)) as total_score,
    cast(scores.value_score as decimal(5, 2)) as value_score,
    cast(scores.loyalty_score as decimal(5, 2)) as loyalty_score,
    cast(scores.potential_score as decimal(5, 2)) as potential_score,
    cast(measures.rfm_total as integer) as rfm_total,
    cast(measures.historic_net_amount as decimal(18, 2)) as historic_net_amount,
    cast(measures.complaint_count as bigint) as complaint_count,
    cast(measures.return_count as bigint) as return_count,
    cast(measures.referral_count as bigint) as referral_count,
    cast(measures.complaint_rate as double) as complaint_rate,
    cast(measures.return_rate as double) as return_rate,
    cast(measures.trend_share as double) as trend_share,
    cast(measures.wallet_gap_amount as decimal(18, 2)) as wallet_gap_amount,
    cast(previous.tier as varchar) as previous_tier
from {{ ref('fct_customer_tier_score') }} as scores
inner join dates on scores.scored_on = dates.scored_on
inner join {{ ref('fct_customer_tier_measure') }} as measures
    on scores.customer_id = measures.customer_id and scores.scored_on = measures.scored_on
left join names on scores.tier = names.item
left join {{ ref('fct_customer_tier_score') }} as previous
    on scores.customer_id = previous.customer_id and dates.previous_scored_on = previous.scored_on
