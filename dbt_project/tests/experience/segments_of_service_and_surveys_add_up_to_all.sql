-- Every segment type cuts the same cases, orders, buyers and surveys, and the case types the same cases. Weeks have no
-- tiers. A row names the mart and the cut that do not add up.
{%- set cuts = {
    'mart_service': {
        'keys': ['period_grain', 'period_start', 'case_type'],
        'counts': case_counts() + ['order_count', 'buyer_count', 'delivery_count', 'undelivered_count'],
    },
    'mart_csat': {
        'keys': ['period_grain', 'period_start'],
        'counts': [
            'sent_count', 'answered_in_window_count', 'answered_count', 'top_two_box_count', 'score_sum',
            'out_of_scale_count',
        ],
    },
    'mart_nps': {
        'keys': ['period_grain', 'period_start'],
        'counts': [
            'sent_count', 'answered_in_window_count', 'answered_count', 'promoter_count', 'passive_count',
            'detractor_count', 'out_of_scale_count',
        ],
    },
} %}
{%- for mart, cut in cuts.items() %}
select
    '{{ mart }}' as mart,
    types.period_grain,
    types.period_start,
    types.segment_type
from (
    select
        {{ cut['keys'] | join(', ') }},
        segment_type,
        {%- for count in cut['counts'] %}
        sum({{ count }}) as {{ count }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(mart) }}
    group by {{ cut['keys'] | join(', ') }}, segment_type
) as types
inner join {{ ref(mart) }} as everyone
    on types.period_grain = everyone.period_grain
    and types.period_start = everyone.period_start
    {{- ' and types.case_type = everyone.case_type' if 'case_type' in cut['keys'] }}
    and everyone.segment_type = 'all'
where
    {%- for count in cut['counts'] %}
    {{ 'or ' if not loop.first }}types.{{ count }} <> everyone.{{ count }}
    {%- endfor %}

union all
{% endfor %}
select
    'mart_service' as mart,
    period_grain,
    period_start,
    segment_type
from {{ ref('mart_service') }}
group by period_grain, period_start, segment_type, segment
having
    sum(case when case_type = 'all' then -case_count else case_count end) <> 0
    or sum(case when case_type = 'all' then -open_count else open_count end) <> 0
