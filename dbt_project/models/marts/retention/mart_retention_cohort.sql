-- Grain: cohort_kind × cohort_grain × cohort_start × period_index × segment_type × segment, without gaps.
-- How much of a cohort still buys after its first purchase, and what it has brought so far. Segments are those at the
-- first purchase: the ones that do not change with time, since at that day every customer is new to a tier.
-- A period that some customer of the cohort has not had in full has no rates.
with filled as (
    select
        periods.*,
        sizes.segment_type,
        sizes.segment,
        sizes.cohort_size,
        coalesce(activity.retained_customers, 0) as retained_customers,
        coalesce(activity.net_amount, 0) as net_amount,
        coalesce(activity.margin_amount, 0) as margin_amount
    from {{ ref('dim_cohort_period') }} as periods
    inner join {{ ref('fct_cohort_size') }} as sizes
        on periods.cohort_grain = sizes.cohort_grain and periods.cohort_start = sizes.cohort_start
    left join {{ ref('fct_cohort_activity') }} as activity
        on periods.cohort_kind = activity.cohort_kind
        and periods.cohort_grain = activity.cohort_grain
        and periods.cohort_start = activity.cohort_start
        and periods.period_index = activity.period_index
        and sizes.segment_type = activity.segment_type
        and sizes.segment = activity.segment
),

cumulated as (
    select
        *,
        {%- for amount in ['net_amount', 'margin_amount'] %}
        cast(sum({{ amount }}) over (
            partition by cohort_kind, cohort_grain, cohort_start, segment_type, segment
            order by period_index asc nulls last
            rows between unbounded preceding and current row
        ) as decimal(18, 2)) as cumulative_{{ amount }}{{ ',' if not loop.last }}
        {%- endfor %}
    from filled
)

select
    cast(cohort_kind as varchar) as cohort_kind,
    cast(cohort_grain as varchar) as cohort_grain,
    cast(cohort_start as date) as cohort_start,
    cast(period_index as bigint) as period_index,
    cast(segment_type as varchar) as segment_type,
    cast(segment as varchar) as segment,
    cohort_size,
    retained_customers,
    case when is_complete then {{ rate('retained_customers', 'cohort_size') }} end as retention_rate,
    case when is_complete then {{ wilson_lower('retained_customers', 'cohort_size') }} end as retention_rate_lower,
    case when is_complete then {{ wilson_upper('retained_customers', 'cohort_size') }} end as retention_rate_upper,
    cumulative_net_amount,
    cumulative_margin_amount,
    case when is_complete then {{ rate('cumulative_net_amount', 'cohort_size') }} end
        as cumulative_net_amount_per_customer,
    is_complete,
    is_left_censored
from cumulated
