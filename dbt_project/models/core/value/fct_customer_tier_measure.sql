-- Grain: customer with a purchase × scored_on.
-- What the customer tier and the potential are made of. Everything is of scored_on, by event time: no forecast stands for
-- a month end of the past, so none is used for today either, and a customer changes the tier only by what happened.
-- The 90th percentile is that of the kind, among those who spent anything in the 365 days; of all where they are
-- fewer than 30.
with customers as (
    select
        scores.*,
        coalesce(scores.recency_score + scores.frequency_score + scores.monetary_score, 0) as rfm_total,
        purchases.kind,
        purchases.first_purchase_on
    from {{ ref('fct_customer_rfm_score') }} as scores
    inner join {{ ref('fct_first_purchase') }} as purchases on scores.customer_id = purchases.customer_id
),

events as (
    select
        events.customer_id,
        dates.scored_on,
        sum(case when events.event_type = 'complaint' then 1 else 0 end) as complaint_count,
        sum(case when events.event_type = 'return' then 1 else 0 end) as return_count,
        sum(case when events.event_type = 'referral' then 1 else 0 end) as referral_count
    from {{ ref('fct_loyalty_event') }} as events
    inner join {{ ref('dim_scoring_date') }} as dates
        on events.happened_on <= dates.scored_on
        and events.happened_on > {{ add_days('dates.scored_on', -var('rfm_window_days')) }}
    group by events.customer_id, dates.scored_on
),

percentiles as (
    select
        scored_on,
        {{ segment_type_of_set(['kind']) }} as segment_type,
        {{ segment_of_set(['kind']) }} as segment,
        count(*) as customer_count,
        cast({{ percentile_of('net_amount_365', 0.9) }} as decimal(18, 2)) as p90_amount
    from customers
    where net_amount_365 > 0
    group by {{ segment_sets(['scored_on'], ['kind']) }}
),

compared as (
    select
        customers.*,
        coalesce(kinds.segment_type, 'all') as segment_type,
        coalesce(kinds.segment, 'all') as segment,
        coalesce(kinds.customer_count, everyone.customer_count, 0) as segment_customer_count,
        coalesce(kinds.p90_amount, everyone.p90_amount, 0) as segment_p90_amount
    from customers
    left join percentiles as kinds
        on customers.scored_on = kinds.scored_on
        and customers.kind = kinds.segment
        and kinds.segment_type = 'kind'
        and kinds.customer_count >= 30
    left join percentiles as everyone
        on customers.scored_on = everyone.scored_on and everyone.segment_type = 'all'
)

select
    compared.customer_id,
    compared.scored_on,
    compared.frequency > 0 as is_ranked,
    cast(compared.rfm_total as integer) as rfm_total,
    compared.historic_net_amount,
    cast(coalesce(events.complaint_count, 0) as bigint) as complaint_count,
    cast(coalesce(events.return_count, 0) as bigint) as return_count,
    cast(coalesce(events.referral_count, 0) as bigint) as referral_count,
    {{ rate('coalesce(events.complaint_count, 0)', 'compared.frequency') }} as complaint_rate,
    {{ rate('coalesce(events.return_count, 0)', 'compared.frequency') }} as return_rate,
    compared.net_amount_365,
    compared.net_amount_90,
    compared.previous_net_amount_90,
    case
        when compared.first_purchase_on > {{ add_days('compared.scored_on', -180) }} then 0.5
        else coalesce(
            {{ rate('compared.net_amount_90', '(compared.net_amount_90 + compared.previous_net_amount_90)') }}, 0
        )
    end as trend_share,
    compared.segment_type,
    compared.segment,
    cast(compared.segment_customer_count as bigint) as segment_customer_count,
    cast(compared.segment_p90_amount as decimal(18, 2)) as segment_p90_amount,
    cast(greatest(compared.segment_p90_amount - compared.net_amount_365, 0) as decimal(18, 2)) as wallet_gap_amount
from compared
left join events on compared.customer_id = events.customer_id and compared.scored_on = events.scored_on
