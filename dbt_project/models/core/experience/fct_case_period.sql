-- Grain: period_grain × period_start × segment_type × segment × case_type (and `all`) with a case.
-- Counts and medians of cases in the segments of dim_customer_period. A case without an answer has waited longer than
-- any that got one: medians are those of all cases, NULL while more than half have none or none that is known.
{%- set types = experience_segment_types() %}
with cases as (
    select
        places.*,
        cases.case_key,
        cases.case_type,
        -- The middle of two decimals would be cut to their four places.
        cast(cases.response_hours as double) as response_hours,
        cast(cases.resolution_hours as double) as resolution_hours,
        cases.is_response_due,
        cases.is_response_in_time,
        cases.is_resolution_due,
        cases.is_resolution_in_time,
        cases.is_misdated,
        cases.responded_at is null as is_response_open,
        cases.closed_at is null as is_resolution_open
    from {{ ref('fct_case') }} as cases
    inner join {{ ref('id_crosswalk') }} as crosswalk on cases.record_key = crosswalk.record_key
    inner join {{ ref('dim_customer_period') }} as places
        on crosswalk.customer_id = places.customer_id
        and cases.opened_on between places.period_start and places.period_end
),

typed as (
    select case_type as row_type, * from cases
    union all
    select 'all' as row_type, * from cases
),

-- A customer is in one segment of each type: counting first cases counts customers, for far less than a distinct count.
ranked as (
    select
        *,
        row_number() over (
            partition by customer_id, period_grain, period_start, row_type order by case_key asc nulls last
        ) = 1 as is_first
    from typed
),

counted as (
    select
        period_grain,
        period_start,
        {{ segment_type_of_set(types) }} as segment_type,
        {{ segment_of_set(types) }} as segment,
        row_type,
        count(*) as case_count,
        sum(case when is_first then 1 else 0 end) as case_customer_count,
        sum(case when is_first and is_buyer then 1 else 0 end) as case_buyer_count,
        sum(case when is_response_open then 1 else 0 end) as unanswered_count,
        sum(case when is_resolution_open then 1 else 0 end) as open_count,
        sum(case when is_misdated then 1 else 0 end) as misdated_count,
        {%- for step in ['response', 'resolution'] %}
        sum(case when is_{{ step }}_due then 1 else 0 end) as {{ step }}_due_count,
        sum(case when is_{{ step }}_in_time then 1 else 0 end) as {{ step }}_in_time_count,
        {%- set hours = step ~ "_hours" %}
        {{ median_with_open(hours, 'is_' ~ step ~ '_open') }} as median_{{ hours }}{{ "," if not loop.last }}
        {%- endfor %}
    from ranked
    group by {{ segment_sets(['period_grain', 'period_start', 'row_type'], types) }}
)

select
    period_grain,
    period_start,
    segment_type,
    segment,
    row_type as case_type,
    {%- for name in case_counts() %}
    cast({{ name }} as bigint) as {{ name }},
    {%- endfor %}
    cast(round(median_response_hours, 9) as double) as median_response_hours,
    cast(round(median_resolution_hours, 9) as double) as median_resolution_hours
from counted
where segment_type <> 'tier' or period_grain <> 'week'
