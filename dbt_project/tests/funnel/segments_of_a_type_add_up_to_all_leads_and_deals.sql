-- Every type cuts the same leads and deals, and the owners of a period have all leads between them.
{%- set marts = {
    'mart_conversion': (
        ['period_grain', 'period_start', 'owner_id'],
        ['followed_up_count', 'converted_count', 'won_count', 'lost_count', 'open_count'],
    ),
    'mart_funnel_stage': (
        ['pipeline', 'stage', 'period_grain', 'period_start'],
        [
            'entered_count', 'reached_count', 'dropped_count', 'open_count', 'won_count', 'lost_count', 'reentry_count',
            'implied_count',
        ],
    ),
    'mart_sales_cycle': (
        ['period_by', 'period_grain', 'period_start'], ['opportunity_count', 'won_count', 'timed_count'],
    ),
} %}
with conversion_all as (
    select
        period_grain,
        period_start,
        sum(case when owner_id = 'all' then followed_up_count else -followed_up_count end) as difference
    from {{ ref('mart_conversion') }}
    where segment_type = 'all'
    group by period_grain, period_start
)
{%- for mart, (keys, counts) in marts.items() %},

{{ mart }}_types as (
    select
        {{ keys | join(', ') }},
        segment_type,
        {%- for count in counts %}
        sum({{ count }}) as {{ count }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(mart) }}
    group by {{ keys | join(', ') }}, segment_type
)
{%- endfor %}

select
    'owners of mart_conversion' as figure,
    period_grain,
    period_start
from conversion_all
where difference <> 0
{%- for mart, (keys, counts) in marts.items() %}

union all

select
    '{{ mart }} ' || types.segment_type as figure,
    types.period_grain,
    types.period_start
from {{ mart }}_types as types
left join {{ mart }}_types as everyone
    on everyone.segment_type = 'all'
    {%- for key in keys %}
    and types.{{ key }} = everyone.{{ key }}
    {%- endfor %}
where
    everyone.segment_type is null
    {%- for count in counts %}
    or types.{{ count }} <> everyone.{{ count }}
    {%- endfor %}
{%- endfor %}
