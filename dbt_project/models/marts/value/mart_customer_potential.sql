-- Grain: customer with a purchase up to as_of_date.
-- What a customer could still spend: the gap to what nine in ten of the segment stay below, whether spending grows, and
-- how likely another purchase is. The rank is by the gap times that chance; where no model stands, whoever bought in
-- the last 90 days counts as certain and nobody else (the naive forecast), so that no rank goes to the long gone.
with measured as (
    select measures.*
    from {{ ref('fct_customer_tier_measure') }} as measures
    inner join {{ ref('dim_scoring_date') }} as dates on measures.scored_on = dates.scored_on
    where dates.is_current
),

chances as (
    select customer_id, round(1 - p_no_purchase, 9) as propensity_90
    from {{ ref('fct_value_score') }}
    where horizon_days = 90
),

expected as (
    select
        measured.*,
        chances.propensity_90,
        round(
            measured.wallet_gap_amount
            * coalesce(chances.propensity_90, case when measured.net_amount_90 > 0 then 1.0 else 0.0 end),
            2
        ) as reachable_amount
    from measured
    left join chances on measured.customer_id = chances.customer_id
)

select
    cast(customer_id as varchar) as customer_id,
    cast(net_amount_365 as decimal(18, 2)) as net_amount_365,
    cast(segment_type as varchar) as segment_type,
    cast(segment as varchar) as segment,
    cast(segment_customer_count as bigint) as segment_customer_count,
    cast(segment_p90_amount as decimal(18, 2)) as segment_p90_amount,
    cast(wallet_gap_amount as decimal(18, 2)) as wallet_gap_amount,
    cast(net_amount_90 as decimal(18, 2)) as net_amount_90,
    cast(previous_net_amount_90 as decimal(18, 2)) as previous_net_amount_90,
    cast({{ rate('(net_amount_90 - previous_net_amount_90)', 'previous_net_amount_90') }} as double) as trend_rate,
    cast(propensity_90 as double) as propensity_90,
    cast(reachable_amount as decimal(18, 2)) as reachable_amount,
    cast(rank() over (order by reachable_amount desc nulls last) as bigint) as potential_rank
from expected
