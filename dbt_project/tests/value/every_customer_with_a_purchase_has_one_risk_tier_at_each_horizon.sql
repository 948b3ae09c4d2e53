-- Customers with a purchase who are not in mart_customer_churn_risk once for each of four horizons, customers whose
-- tier is not what probability and absence say, and probabilities (hundredths, 0 to 1) under no tier or under two.
with buyers as (
    select distinct customer_id from {{ ref('fct_customer_order') }}
),

told as (
    select
        customer_id,
        count(*) as row_count,
        sum(
            case
                when is_lapsed then case when risk_tier = 'lapsed' then 0 else 1 end
                when churn_probability is null then case when risk_tier = 'unknown' then 0 else 1 end
                when risk_tier in ('lapsed', 'unknown') then 1
                else 0
            end
        ) as wrong_count
    from {{ ref('mart_customer_churn_risk') }}
    group by customer_id
),

hundredths as (
    select step / 100.0 as probability, false as is_lapsed
    from (select {{ each_number(0, 100) }} as step) as steps
    union all
    select cast(null as double), false
    union all
    select 0.5, true
),

tiers as (
    select
        hundredths.probability,
        hundredths.is_lapsed,
        sum(
            case when {{ is_in_risk_tier('tiers', 'hundredths.probability', 'hundredths.is_lapsed') }} then 1 else 0 end
        ) as tier_count
    from hundredths
    cross join {{ ref('risk_tiers') }} as tiers
    group by hundredths.probability, hundredths.is_lapsed
)

select
    'customer ' || coalesce(buyers.customer_id, told.customer_id) as what,
    told.row_count,
    told.wrong_count
from buyers
full join told on buyers.customer_id = told.customer_id
where buyers.customer_id is null or told.customer_id is null or told.row_count <> 4 or told.wrong_count > 0

union all

select
    'probability ' || coalesce(cast(probability as varchar), 'NULL'),
    tier_count,
    1
from tiers
where tier_count <> 1
