-- Grain: period_grain × period_start × segment_type × segment with a survey sent.
-- How satisfied customers are: the share of answers of 4 or 5 on a scale of 1 to 5 (top two boxes), and the mean. A
-- survey belongs to the period in which it was sent. Reviews are no part of it: who writes one has not been asked.
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
    where feedback.kind = 'csat'
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
        sum(case when score >= 4 then 1 else 0 end) as top_two_box_count,
        coalesce(sum(score), 0) as score_sum
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
    cast(top_two_box_count as bigint) as top_two_box_count,
    case when not is_partial then {{ rate('top_two_box_count', 'answered_count') }} end as top_two_box_rate,
    case when not is_partial then {{ wilson_lower('top_two_box_count', 'answered_count') }} end
        as top_two_box_rate_lower,
    case when not is_partial then {{ wilson_upper('top_two_box_count', 'answered_count') }} end
        as top_two_box_rate_upper,
    cast(score_sum as decimal(18, 2)) as score_sum,
    case when not is_partial then {{ rate('score_sum', 'answered_count') }} end as mean_score,
    is_partial,
    is_complete,
    cast(out_of_scale_count as bigint) as out_of_scale_count,
    {{ out_of_scale_rate() }} as out_of_scale_rate
from counted
where segment_type <> 'tier' or period_grain <> 'week'
