-- Grain: period_grain × period_start × segment_type × segment with a survey sent.
-- Would customers recommend us: the share who answer 9 or 10 less the share who answer 0 to 6, from -1 to 1. A survey
-- belongs to the period in which it was sent. Every survey counts, also a customer's second one.
{%- set types = experience_segment_types() %}
{%- set keys = ['period_grain', 'period_start', 'is_partial', 'is_complete'] %}
with surveys as (
    select
        places.*,
        feedback.sent_at,
        feedback.score,
        feedback.is_answered,
        feedback.is_answered_in_window,
        feedback.is_out_of_scale
    from {{ ref('fct_feedback') }} as feedback
    inner join {{ ref('id_crosswalk') }} as crosswalk on feedback.record_key = crosswalk.record_key
    inner join {{ ref('dim_customer_period') }} as places
        on crosswalk.customer_id = places.customer_id
        and feedback.asked_on between places.period_start and places.period_end
    where feedback.kind = 'nps'
),

counted as (
    select
        {{ keys | join(', ') }},
        {{ segment_type_of_set(types) }} as segment_type,
        {{ segment_of_set(types) }} as segment,
        count(sent_at) as sent_count,
        sum(case when is_answered_in_window then 1 else 0 end) as answered_in_window_count,
        sum(case when is_answered then 1 else 0 end) as answered_count,
        sum(case when is_out_of_scale then 1 else 0 end) as out_of_scale_count,
        sum(case when score >= 9 then 1 else 0 end) as promoter_count,
        sum(case when score <= 6 then 1 else 0 end) as detractor_count
    from surveys
    group by {{ segment_sets(keys, types) }}
)

select
    cast(period_grain as varchar) as period_grain,
    cast(period_start as date) as period_start,
    cast(segment_type as varchar) as segment_type,
    cast(segment as varchar) as segment,
    cast(sent_count as bigint) as sent_count,
    cast(answered_in_window_count as bigint) as answered_in_window_count,
    case when is_complete then {{ rate('answered_in_window_count', 'sent_count') }} end as response_rate,
    case when is_complete then {{ wilson_lower('answered_in_window_count', 'sent_count') }} end as response_rate_lower,
    case when is_complete then {{ wilson_upper('answered_in_window_count', 'sent_count') }} end as response_rate_upper,
    cast(answered_count as bigint) as answered_count,
    cast(promoter_count as bigint) as promoter_count,
    cast(answered_count - promoter_count - detractor_count as bigint) as passive_count,
    cast(detractor_count as bigint) as detractor_count,
    case when not is_partial then {{ nps('promoter_count', 'detractor_count', 'answered_count') }} end as nps,
    case when not is_partial then {{ nps_bound('promoter_count', 'detractor_count', 'answered_count', '-') }} end
        as nps_lower,
    case when not is_partial then {{ nps_bound('promoter_count', 'detractor_count', 'answered_count', '+') }} end
        as nps_upper,
    is_partial,
    is_complete,
    cast(out_of_scale_count as bigint) as out_of_scale_count,
    {{ out_of_scale_rate() }} as out_of_scale_rate
from counted
where segment_type <> 'tier' or period_grain <> 'week'
