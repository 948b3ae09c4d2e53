-- Grain: pipeline × stage × period_grain × period_start of entering × segment_type × segment.
-- What became of the deals that entered a stage in a period: entered = reached + dropped + open. Rates are of the deals
-- whose fate is known and wait until every deal of the period has had its time; what is still open then is neither.
{%- set types = steady_segment_types() %}
{%- set keys = [
    'pipeline', 'stage', 'stage_position', 'period_grain', 'period_start', 'is_complete', 'is_outcome_complete',
] %}
with entered as (
    {%- for grain in period_grains() %}
    {%- set end = period_end(grain, 'stages.entered_on') %}
    select
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'stages.entered_on') }} as period_start,
        {{ is_over_since(end, var('conversion_window_days'), 'run.as_of_date') }} as is_complete,
        {{ is_over_since(end, outcome_window_days(), 'run.as_of_date') }} as is_outcome_complete,
        stages.*,
        deals.outcome,
        {%- for type in types %}
        deals.{{ type }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_opportunity_stage') }} as stages
    inner join {{ ref('fct_opportunity') }} as deals on stages.opportunity_key = deals.opportunity_key
    cross join {{ ref('dim_run') }} as run
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

counted as (
    select
        {{ keys | join(', ') }},
        {{ segment_type_of_set(types) }} as segment_type,
        {{ segment_of_set(types) }} as segment,
        count(*) as entered_count,
        {%- for fate in ['reached', 'dropped', 'open'] %}
        sum(case when fate = '{{ fate }}' then 1 else 0 end) as {{ fate }}_count,
        {%- endfor %}
        sum(case when outcome = 'won' then 1 else 0 end) as won_count,
        sum(case when outcome = 'lost' then 1 else 0 end) as lost_count,
        sum(case when is_implied then 1 else 0 end) as implied_count,
        sum(reentry_count) as reentry_count,
        {{ median_with_open('stay_days', "fate = 'open'") }} as median_days
    from entered
    group by {{ segment_sets(keys, types) }}
)

select
    cast(pipeline as varchar) as pipeline,
    cast(stage as varchar) as stage,
    cast(stage_position as integer) as stage_position,
    cast(period_grain as varchar) as period_grain,
    cast(period_start as date) as period_start,
    cast(segment_type as varchar) as segment_type,
    cast(segment as varchar) as segment,
    cast(entered_count as bigint) as entered_count,
    cast(reached_count as bigint) as reached_count,
    cast(dropped_count as bigint) as dropped_count,
    cast(open_count as bigint) as open_count,
    case when is_complete then {{ rate('reached_count', 'reached_count + dropped_count') }} end
        as stage_conversion_rate,
    case when is_complete then {{ wilson_lower('reached_count', '(reached_count + dropped_count)') }} end
        as stage_conversion_rate_lower,
    case when is_complete then {{ wilson_upper('reached_count', '(reached_count + dropped_count)') }} end
        as stage_conversion_rate_upper,
    cast(won_count as bigint) as won_count,
    cast(lost_count as bigint) as lost_count,
    case when is_outcome_complete then {{ rate('won_count', 'won_count + lost_count') }} end
        as overall_conversion_rate,
    case when is_outcome_complete then {{ wilson_lower('won_count', '(won_count + lost_count)') }} end
        as overall_conversion_rate_lower,
    case when is_outcome_complete then {{ wilson_upper('won_count', '(won_count + lost_count)') }} end
        as overall_conversion_rate_upper,
    median_days,
    cast(reentry_count as bigint) as reentry_count,
    cast(implied_count as bigint) as implied_count,
    is_complete,
    is_outcome_complete
from counted
