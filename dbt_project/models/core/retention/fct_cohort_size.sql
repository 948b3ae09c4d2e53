-- Grain: cohort_grain × cohort_start × segment_type × segment with a customer whose first purchase is in it.
-- Counted from first purchases alone, so that the cohort marts can be held against it.
{%- set types = steady_segment_types() %}
with days as (
    select
        first_purchase_on,
        {{ types | join(', ') }},
        count(*) as customer_count
    from {{ ref('fct_first_purchase') }}
    group by first_purchase_on, {{ types | join(', ') }}
),

cohorts as (
    {%- for grain in period_grains() %}
    select
        '{{ grain }}' as cohort_grain,
        {{ period_start(grain, 'first_purchase_on') }} as cohort_start,
        *
    from days
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
)

select
    cohort_grain,
    cohort_start,
    {{ segment_type_of_set(types) }} as segment_type,
    {{ segment_of_set(types) }} as segment,
    cast(sum(customer_count) as bigint) as cohort_size,
    min(first_purchase_on) as first_joined_on,
    max(first_purchase_on) as last_joined_on
from cohorts
group by {{ segment_sets(['cohort_grain', 'cohort_start'], types) }}
