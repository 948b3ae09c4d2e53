-- Grain: period_grain × period_start of the first follow-up × owner_id (and all) × segment_type × segment.
-- How many leads that were followed up became customers within conversion_window_days, and apart from that how many of
-- their deals were won. Every lead of a period has the same window, and the rate waits until all have had it, so that a
-- recent period does not look worse for being young.
{%- set types = steady_segment_types() %}
{%- set keys = ['period_grain', 'period_start', 'owner_id', 'is_complete', 'is_outcome_complete'] %}
with deals as (
    select
        lead_key,
        sum(case when outcome = 'won' then 1 else 0 end) as won_count,
        sum(case when outcome = 'lost' then 1 else 0 end) as lost_count,
        sum(case when outcome = 'open' then 1 else 0 end) as open_count
    from {{ ref('fct_opportunity') }}
    where lead_key is not null
    group by lead_key
),

followed_up as (
    {%- for grain in period_grains() %}
    {%- set end = period_end(grain, 'leads.first_contact_on') %}
    select
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'leads.first_contact_on') }} as period_start,
        {{ is_over_since(end, var('conversion_window_days'), 'run.as_of_date') }} as is_complete,
        {{ is_over_since(end, outcome_window_days(), 'run.as_of_date') }} as is_outcome_complete,
        leads.owner_id as follower_id,
        leads.lead_key,
        leads.is_converted,
        {%- for type in types %}
        leads.{{ type }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_lead') }} as leads
    cross join {{ ref('dim_run') }} as run
    where leads.first_contact_on is not null
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

scoped as (
    select
        followed_up.*,
        case when scopes.is_everybody then 'all' else followed_up.follower_id end as owner_id,
        coalesce(deals.won_count, 0) as won_count,
        coalesce(deals.lost_count, 0) as lost_count,
        coalesce(deals.open_count, 0) as open_count
    from followed_up
    cross join (values (true), (false)) as scopes (is_everybody)
    left join deals on followed_up.lead_key = deals.lead_key
),

counted as (
    select
        {{ keys | join(', ') }},
        {{ segment_type_of_set(types) }} as segment_type,
        {{ segment_of_set(types) }} as segment,
        count(*) as followed_up_count,
        sum(case when is_converted then 1 else 0 end) as converted_count,
        sum(won_count) as won_count,
        sum(lost_count) as lost_count,
        sum(open_count) as open_count
    from scoped
    group by {{ segment_sets(keys, types) }}
)

select
    cast(period_grain as varchar) as period_grain,
    cast(period_start as date) as period_start,
    cast(owner_id as varchar) as owner_id,
    cast(segment_type as varchar) as segment_type,
    cast(segment as varchar) as segment,
    cast(followed_up_count as bigint) as followed_up_count,
    cast(converted_count as bigint) as converted_count,
    case when is_complete then {{ rate('converted_count', 'followed_up_count') }} end as conversion_rate,
    case when is_complete then {{ wilson_lower('converted_count', 'followed_up_count') }} end as conversion_rate_lower,
    case when is_complete then {{ wilson_upper('converted_count', 'followed_up_count') }} end as conversion_rate_upper,
    cast(won_count as bigint) as won_count,
    cast(lost_count as bigint) as lost_count,
    cast(open_count as bigint) as open_count,
    case when is_outcome_complete then {{ rate('won_count', 'won_count + lost_count') }} end as win_rate,
    case when is_outcome_complete then {{ wilson_lower('won_count', '(won_count + lost_count)') }} end
        as win_rate_lower,
    case when is_outcome_complete then {{ wilson_upper('won_count', '(won_count + lost_count)') }} end
        as win_rate_upper,
    is_complete,
    is_outcome_complete
from counted
