-- Grain: period_by × period_grain × period_start × segment_type × segment.
-- Days from the first contact to the won deal, by the period in which deals closed and by that in which they were made.
-- Of a young cohort only the quick deals have been won, so its days and its share wait until it has had its time.
{%- set types = steady_segment_types() %}
{%- set keys = ['period_by', 'period_grain', 'period_start', 'previous_start', 'is_complete'] %}
{%- set in_order = 'partition by period_by, period_grain, segment_type, segment order by period_start asc nulls last' %}
{%- set benchmarks = [
    ('segment', 'period'), ('segment', 'year'), ('segment', 'all'), ('all', 'period'), ('all', 'year'), ('all', 'all'),
] %}
{%- set won = ['compared.won_count', 'compared.opportunity_count'] %}
{%- set shares = {'won_so_far_rate': "compared.period_by = 'created'", 'won_rate': 'compared.is_complete'} %}
{%- set on_period = {
    'period': benchmark_period('compared.period_grain', 'compared.period_start'),
    'year': benchmark_period("'year'", 'compared.period_start'),
    'all': "'all'",
} %}
with timed as (
    select
        *,
        {{ days_until('first_contact_on', "case when outcome = 'won' then closed_on end") }} as cycle_days,
        {{ days_until('quoted_on', "case when outcome = 'won' then closed_on end") }} as proposal_days,
        {{ days_until('first_contact_on', 'quoted_on') }} as quote_lag_days
    from {{ ref('fct_opportunity') }}
),

dated as (
    {%- for view in ['closed', 'created'] %}
    {%- set outer = loop %}
    {%- for grain in period_grains() %}
    {%- set start = period_start(grain, 'timed.' ~ view ~ '_on') %}
    select
        '{{ view }}' as period_by,
        '{{ grain }}' as period_grain,
        {{ start }} as period_start,
        {{ next_period_start(grain, start, -1) }} as previous_start,
        {{ is_over_since(
            period_end(grain, 'timed.' ~ view ~ '_on'),
            outcome_window_days() if view == 'created' else 0,
            'run.as_of_date'
        ) }} as is_complete,
        timed.*
    from timed
    cross join {{ ref('dim_run') }} as run
    where timed.{{ view }}_on is not null
    {{- '\n    union all' if not (loop.last and outer.last) }}
    {%- endfor %}
    {%- endfor %}
),

counted as (
    select
        {{ keys | join(', ') }},
        {{ segment_type_of_set(types) }} as segment_type,
        {{ segment_of_set(types) }} as segment,
        count(*) as opportunity_count,
        sum(case when outcome = 'won' then 1 else 0 end) as won_count,
        count(cycle_days) as timed_count,
        {{ rate('sum(cycle_days)', 'count(cycle_days)') }} as mean_so_far,
        {{ percentile_of('cycle_days', 0.9) }} as p90_so_far,
        {{ percentile_of('cycle_days', 0.5) }} as median_so_far,
        {{ percentile_of('proposal_days', 0.5) }} as median_proposal_to_won_so_far,
        {{ percentile_of('quote_lag_days', 0.5) }} as median_quote_lag_so_far
    from dated
    group by {{ segment_sets(keys, types) }}
),

shown as (
    select
        *,
        {%- for name in ['mean', 'median', 'p90', 'median_proposal_to_won', 'median_quote_lag'] %}
        case when is_complete then round(cast({{ name }}_so_far as double), 9) end
            as {{ name }}_days{{ ',' if not loop.last }}
        {%- endfor %}
    from counted
),

compared as (
    select
        *,
        case
            when lag(period_start) over ({{ in_order }}) = previous_start
                then median_days - lag(median_days) over ({{ in_order }})
        end as change_days
    from shown
)

select
    cast(compared.period_by as varchar) as period_by,
    cast(compared.period_grain as varchar) as period_grain,
    cast(compared.period_start as date) as period_start,
    cast(compared.segment_type as varchar) as segment_type,
    cast(compared.segment as varchar) as segment,
    cast(compared.opportunity_count as bigint) as opportunity_count,
    cast(compared.won_count as bigint) as won_count,
    {%- for name, condition in shares.items() %}
    case when {{ condition }} then {{ rate(*won) }} end as {{ name }},
    case when {{ condition }} then {{ wilson_lower(*won) }} end as {{ name }}_lower,
    case when {{ condition }} then {{ wilson_upper(*won) }} end as {{ name }}_upper,
    {%- endfor %}
    cast(compared.timed_count as bigint) as timed_count,
    compared.mean_days,
    compared.median_days,
    compared.p90_days,
    cast(round(compared.change_days, 9) as double) as change_days,
    cast(coalesce(
        {%- for _ in benchmarks %}
        benchmark_{{ loop.index }}.benchmark_value{{ ',' if not loop.last }}
        {%- endfor %}
    ) as double) as benchmark_days,
    compared.median_proposal_to_won_days,
    compared.median_quote_lag_days,
    compared.is_complete
from compared
{%- for segment, period in benchmarks %}
left join {{ ref('dim_benchmark') }} as benchmark_{{ loop.index }}
    on benchmark_{{ loop.index }}.metric = 'sales_cycle_days'
    and benchmark_{{ loop.index }}.segment = {{ 'compared.segment' if segment == 'segment' else "'all'" }}
    and benchmark_{{ loop.index }}.period = {{ on_period[period] }}
{%- endfor %}
