-- Grain: score_band × source_channel, both also all.
-- Whether leads with good scores convert, where they come from, and what a converted one costs. Conversion, days and
-- cost are of the leads whose window is over: the same leads in every figure, and the youngest in none. Cost and cost
-- per converted lead are of those whose cost anybody recorded: the others were not free.
with leads as (
    select
        *,
        first_contact_on is not null as is_followed_up,
        coalesce(cast(score_band as varchar), 'unknown') as band,
        has_had_window and is_converted as is_quality
    from {{ ref('fct_lead') }}
),

counted as (
    select
        case when grouping(band) = 0 then band else 'all' end as score_band,
        case when grouping(channel) = 0 then channel else 'all' end as source_channel,
        count(*) as lead_count,
        sum(case when is_followed_up then 1 else 0 end) as followed_up_count,
        sum(case when has_had_window then 1 else 0 end) as matured_count,
        sum(case when is_quality then 1 else 0 end) as converted_count,
        sum(case when is_quality then conversion_days end) as conversion_days,
        {{ percentile_of('case when is_quality then conversion_days end', 0.5) }} as median_days,
        count(case when has_had_window then cost_amount end) as costed_count,
        count(case when is_quality then cost_amount end) as costed_converted_count,
        cast(sum(case when has_had_window then cost_amount end) as decimal(18, 2)) as cost_amount
    from leads
    group by grouping sets ((), (band), (channel), (band, channel))
    having count(*) > 0
)

select
    cast(score_band as varchar) as score_band,
    cast(source_channel as varchar) as source_channel,
    cast(lead_count as bigint) as lead_count,
    cast(followed_up_count as bigint) as followed_up_count,
    cast(matured_count as bigint) as matured_count,
    cast(converted_count as bigint) as converted_count,
    {{ rate('converted_count', 'matured_count') }} as conversion_rate,
    {{ wilson_lower('converted_count', 'matured_count') }} as conversion_rate_lower,
    {{ wilson_upper('converted_count', 'matured_count') }} as conversion_rate_upper,
    {{ rate('conversion_days', 'converted_count') }} as mean_days,
    cast(round(median_days, 9) as double) as median_days,
    cost_amount,
    cast(round(cost_amount / nullif(costed_converted_count, 0), 2) as decimal(18, 2)) as cost_per_converted_amount,
    cast(costed_count as bigint) as costed_count,
    cast(costed_converted_count as bigint) as costed_converted_count
from counted
