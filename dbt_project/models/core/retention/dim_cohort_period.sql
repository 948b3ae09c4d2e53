-- Grain: cohort_kind × cohort_grain × cohort_start × period_index, as far as as_of_date reaches.
-- calendar counts in periods of the cohort's own grain; relative_7 and relative_30 in days from each customer's first
-- purchase (they carry the weekly rhythm: cohorts of a week would be most of the rows and tell little more). Complete
-- once the cohort is closed and its last customer has had the whole period: judged on the whole cohort, so that
-- segments of it stay comparable.
with cohorts as (
    select
        sizes.cohort_grain,
        sizes.cohort_start,
        sizes.first_joined_on,
        sizes.last_joined_on,
        periods.period_number,
        periods.is_left_censored,
        periods.is_partial
    from {{ ref('fct_cohort_size') }} as sizes
    inner join {{ ref('dim_period') }} as periods
        on sizes.cohort_grain = periods.period_grain and sizes.cohort_start = periods.period_start
    where sizes.segment_type = 'all' and sizes.cohort_grain <> 'week'
),

-- One number per week of history is more than any cohort needs.
numbers as (
    select period_number - 1 as period_index
    from {{ ref('dim_period') }}
    where period_grain = 'week'
)

select
    'calendar' as cohort_kind,
    cohorts.cohort_grain,
    cohorts.cohort_start,
    periods.period_number - cohorts.period_number as period_index,
    not periods.is_partial as is_complete,
    cohorts.is_left_censored
from cohorts
inner join {{ ref('dim_period') }} as periods
    on cohorts.cohort_grain = periods.period_grain and cohorts.period_number <= periods.period_number
{%- for days in [7, 30] %}

union all

select
    'relative_{{ days }}' as cohort_kind,
    cohorts.cohort_grain,
    cohorts.cohort_start,
    numbers.period_index,
    not cohorts.is_partial
        and {{ add_days('cohorts.last_joined_on', '(numbers.period_index + 1) * ' ~ days ~ ' - 1') }} <= run.as_of_date
        as is_complete,
    cohorts.is_left_censored
from cohorts
cross join numbers
cross join {{ ref('dim_run') }} as run
where {{ add_days('cohorts.first_joined_on', 'numbers.period_index * ' ~ days) }} <= run.as_of_date
{%- endfor %}
