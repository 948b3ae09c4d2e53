-- Grain: segment (all, and each kind of customer).
-- Customers at risk and lost in the last four complete quarters, pooled: the churn behind clv_simple. A shorter history
-- has fewer quarters; in its first nobody is at risk.
with quarters as (
    select
        period_number,
        max(period_number) over () as last_period_number
    from {{ ref('dim_period') }}
    where period_grain = 'quarter' and not is_partial
)

select
    cast(counts.segment_type as varchar) as segment_type,
    cast(counts.segment as varchar) as segment,
    cast(count(counts.active_start) as bigint) as quarter_count,
    cast(coalesce(sum(counts.active_start), 0) as bigint) as at_risk_count,
    cast(coalesce(sum(counts.lapsed_customers), 0) as bigint) as lapsed_count
from {{ ref('fct_retention_count') }} as counts
inner join quarters on counts.period_number = quarters.period_number
where
    counts.period_grain = 'quarter'
    and counts.segment_type in ('all', 'kind')
    and counts.segment <> 'new'
    and quarters.period_number > quarters.last_period_number - 4
group by counts.segment_type, counts.segment
