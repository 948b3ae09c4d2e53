-- Cases and surveys that reach a customer against those of the marts, by month and all customers: each once, in the
-- month of its business date; the others are counted as orphans. A row names the figure and the month that differ.
with cases as (
    select
        'cases' as figure,
        {{ period_start('month', 'cases.opened_on') }} as period_start,
        count(*) as expected
    from {{ ref('fct_case') }} as cases
    where cases.record_key in (select crosswalk.record_key from {{ ref('id_crosswalk') }} as crosswalk)
    group by {{ period_start('month', 'cases.opened_on') }}
),

surveys as (
    {%- for kind in ['csat', 'nps'] %}
    select
        '{{ kind }}' as figure,
        {{ period_start('month', 'feedback.asked_on') }} as period_start,
        sum(case when feedback.is_answered then 1 else 0 end) as expected
    from {{ ref('fct_feedback') }} as feedback
    where
        feedback.kind = '{{ kind }}'
        and feedback.record_key in (select crosswalk.record_key from {{ ref('id_crosswalk') }} as crosswalk)
    group by {{ period_start('month', 'feedback.asked_on') }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

expectations as (
    select * from cases
    union all
    select * from surveys
),

published as (
    select 'cases' as figure, period_start, case_count as found
    from {{ ref('mart_service') }}
    where period_grain = 'month' and segment_type = 'all' and case_type = 'all'
    union all
    select 'csat' as figure, period_start, answered_count as found
    from {{ ref('mart_csat') }}
    where period_grain = 'month' and segment_type = 'all'
    union all
    select 'nps' as figure, period_start, answered_count as found
    from {{ ref('mart_nps') }}
    where period_grain = 'month' and segment_type = 'all'
)

select
    coalesce(expectations.figure, published.figure) as figure,
    coalesce(expectations.period_start, published.period_start) as period_start,
    expectations.expected,
    published.found
from expectations
full join published
    on expectations.figure = published.figure and expectations.period_start = published.period_start
where coalesce(expectations.expected, 0) <> coalesce(published.found, 0)
