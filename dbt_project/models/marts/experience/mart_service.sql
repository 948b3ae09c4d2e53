-- Grain: period_grain × period_start × segment_type × segment × case_type, from the period of the first case on.
-- How often customers need help and how soon they get it. A period and segment with orders has a row of zeros where
-- nobody asked for any. Orders, buyers and deliveries are those of the period and segment, the same in every case type.
{%- set keys = ['period_grain', 'period_start', 'segment_type', 'segment'] %}
with frame as (
    select {{ keys | join(', ') }} from {{ ref('fct_order_period') }}
    union
    select {{ keys | join(', ') }} from {{ ref('fct_case_period') }}
),

bounded as (
    select
        frame.*,
        case_types.case_type,
        history.first_case_on,
        case frame.period_grain
            {%- for grain in period_grains() %}
            when '{{ grain }}' then {{ period_end(grain, 'frame.period_start') }}
            {%- endfor %}
        end as period_end
    from frame
    cross join (select distinct case_type from {{ ref('fct_case_period') }}) as case_types
    cross join (select min(opened_on) as first_case_on from {{ ref('fct_case') }}) as history
),

buyers as (
    select
        periods.period_start,
        counts.*
    from {{ ref('fct_retention_count') }} as counts
    inner join {{ ref('dim_period') }} as periods
        on counts.period_grain = periods.period_grain and counts.period_number = periods.period_number
),

joined as (
    select
        bounded.*,
        bounded.period_end > run.as_of_date as is_partial,
        bounded.first_case_on between bounded.period_start and bounded.period_end as is_left_censored,
        coalesce(buyers.active_end, 0) as buyer_count,
        orders.median_delivery_days,
        {%- for name in ['order_count', 'delivery_count', 'undelivered_count'] %}
        coalesce(orders.{{ name }}, 0) as {{ name }},
        {%- endfor %}
        {%- for name in case_counts() %}
        coalesce(cases.{{ name }}, 0) as {{ name }},
        {%- endfor %}
        cases.median_response_hours,
        cases.median_resolution_hours
    from bounded
    cross join {{ ref('dim_run') }} as run
    left join {{ ref('fct_order_period') }} as orders
        on bounded.period_grain = orders.period_grain
        and bounded.period_start = orders.period_start
        and bounded.segment_type = orders.segment_type
        and bounded.segment = orders.segment
    left join buyers
        on bounded.period_grain = buyers.period_grain
        and bounded.period_start = buyers.period_start
        and bounded.segment_type = buyers.segment_type
        and bounded.segment = buyers.segment
    left join {{ ref('fct_case_period') }} as cases
        on bounded.period_grain = cases.period_grain
        and bounded.period_start = cases.period_start
        and bounded.segment_type = cases.segment_type
        and bounded.segment = cases.segment
        and bounded.case_type = cases.case_type
)

select
    cast(period_grain as varchar) as period_grain,
    cast(period_start as date) as period_start,
    cast(segment_type as varchar) as segment_type,
    cast(segment as varchar) as segment,
    cast(case_type as varchar) as case_type,
    case_count,
    case_customer_count,
    order_count,
    case when not is_partial then {{ rate('case_count', 'order_count') }} end as case_rate_per_order,
    case_buyer_count,
    buyer_count,
    case when not is_partial then {{ rate('case_buyer_count', 'buyer_count') }} end as case_rate_per_customer,
    case when not is_partial then {{ wilson_lower('case_buyer_count', 'buyer_count') }} end
        as case_rate_per_customer_lower,
    case when not is_partial then {{ wilson_upper('case_buyer_count', 'buyer_count') }} end
        as case_rate_per_customer_upper,
    unanswered_count,
    case when not is_partial then median_response_hours end as median_response_hours,
    open_count,
    case when not is_partial then median_resolution_hours end as median_resolution_hours,
    {%- for step in ['response', 'resolution'] %}
    {%- set shares = [step ~ '_in_time_count', step ~ '_due_count'] %}
    {{ step }}_due_count,
    {{ step }}_in_time_count,
    case when not is_partial then {{ rate(shares[0], shares[1]) }} end as {{ step }}_in_time_rate,
    case when not is_partial then {{ wilson_lower(shares[0], shares[1]) }} end as {{ step }}_in_time_rate_lower,
    case when not is_partial then {{ wilson_upper(shares[0], shares[1]) }} end as {{ step }}_in_time_rate_upper,
    {%- endfor %}
    delivery_count,
    undelivered_count,
    case when not is_partial then median_delivery_days end as median_delivery_days,
    is_partial,
    is_left_censored,
    misdated_count
from joined
