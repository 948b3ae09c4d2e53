-- Grain: period_grain × period × segment_type × segment, without gaps.
-- Adds the periods in which nobody moved (zeros), and how many customers had ever purchased by the end of the period.
-- In the first period there is no period before: active_start is NULL, not 0.
{%- set counts = retention_counts() | reject('equalto', 'active_start') | list %}
with moves as (
    select * from {{ ref('fct_retention_segment') }}
),

-- Customers who had purchased before the period began: those of steady segments by when they joined.
joined as (
    select
        periods.period_grain,
        periods.period_number,
        sizes.segment_type,
        sizes.segment,
        sizes.cohort_size
    from {{ ref('fct_cohort_size') }} as sizes
    inner join {{ ref('dim_period') }} as periods
        on sizes.cohort_grain = periods.period_grain and sizes.cohort_start = periods.previous_period_start
),

tier_sizes as (
    select
        periods.period_grain,
        periods.period_number,
        'tier' as segment_type,
        tiers.tier as segment,
        count(*) as customer_count
    from {{ ref('fct_customer_tier_month') }} as tiers
    inner join {{ ref('dim_period') }} as periods
        on tiers.month_start = periods.period_start and periods.period_grain <> 'week'
    group by periods.period_grain, periods.period_number, tiers.tier
),

segments as (
    select period_grain, segment_type, segment from moves
    union
    select period_grain, segment_type, segment from tier_sizes
),

filled as (
    select
        periods.period_grain,
        periods.period_number,
        segments.segment_type,
        segments.segment,
        case when not periods.is_left_censored then coalesce(moves.active_start, 0) end as active_start,
        {%- for count in counts %}
        coalesce(moves.{{ count }}, 0) as {{ count }},
        {%- endfor %}
        sum(coalesce(joined.cohort_size, 0)) over (
            partition by segments.period_grain, segments.segment_type, segments.segment
            order by periods.period_number asc nulls last
            rows between unbounded preceding and current row
        ) as steady_size,
        coalesce(tier_sizes.customer_count, 0) as tier_size
    from {{ ref('dim_period') }} as periods
    inner join segments on periods.period_grain = segments.period_grain
    left join moves
        on periods.period_grain = moves.period_grain
        and periods.period_number = moves.period_number
        and segments.segment_type = moves.segment_type
        and segments.segment = moves.segment
    left join joined
        on periods.period_grain = joined.period_grain
        and periods.period_number = joined.period_number
        and segments.segment_type = joined.segment_type
        and segments.segment = joined.segment
    left join tier_sizes
        on periods.period_grain = tier_sizes.period_grain
        and periods.period_number = tier_sizes.period_number
        and segments.segment_type = tier_sizes.segment_type
        and segments.segment = tier_sizes.segment
)

select
    period_grain,
    period_number,
    segment_type,
    segment,
    active_start,
    {%- for count in counts %}
    {{ count }},
    {%- endfor %}
    cast(
        new_customers + case when segment_type = 'tier' then tier_size else steady_size end as bigint
    ) as ever_purchased_count
from filled
