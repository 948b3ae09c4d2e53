-- Grain: customer with a purchase up to as_of_date.
-- Scores, segment and classic type at as_of_date, beside the segment a month earlier (NULL for whoever had not bought
-- by then). Who never bought has no row: somebody who was never there has not lapsed.
with scores as (
    select * from {{ ref('fct_customer_rfm_score') }}
),

dates as (
    select scored_on, previous_scored_on
    from {{ ref('dim_scoring_date') }}
    where is_current
)

select
    cast(today.customer_id as varchar) as customer_id,
    cast(today.recency_days as bigint) as recency_days,
    cast(today.frequency as bigint) as frequency,
    cast(today.monetary_amount as decimal(18, 2)) as monetary_amount,
    cast(today.recency_score as integer) as recency_score,
    cast(today.frequency_score as integer) as frequency_score,
    cast(today.monetary_score as integer) as monetary_score,
    cast(today.rfm_segment as varchar) as rfm_segment,
    cast(today.rfm_segment_zh as varchar) as rfm_segment_zh,
    cast(today.rfm_segment_en as varchar) as rfm_segment_en,
    cast(today.rfm_type as varchar) as rfm_type,
    cast(previous.scored_on as date) as previous_scored_on,
    cast(previous.rfm_segment as varchar) as previous_rfm_segment
from scores as today
inner join dates on today.scored_on = dates.scored_on
left join scores as previous
    on today.customer_id = previous.customer_id and dates.previous_scored_on = previous.scored_on
