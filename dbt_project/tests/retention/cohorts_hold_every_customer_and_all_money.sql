-- Every kind, grain and segment type puts each customer into one cohort and each order into one period of it, and all
-- of a cohort are there at index 0.
with cohorts as (
    select
        *,
        max(period_index) over (partition by cohort_kind, cohort_grain, cohort_start) as last_period_index
    from {{ ref('mart_retention_cohort') }}
),

sums as (
    select
        cohort_kind,
        cohort_grain,
        segment_type,
        sum(case when period_index = 0 then cohort_size else 0 end) as customer_count,
        sum(case when period_index = 0 then retained_customers else 0 end) as started_count,
        sum(case when period_index = last_period_index then cumulative_net_amount else 0 end) as net_amount,
        sum(case when period_index = last_period_index then cumulative_margin_amount else 0 end) as margin_amount,
        sum(case when retained_customers > cohort_size then 1 else 0 end) as overfull_count
    from cohorts
    group by cohort_kind, cohort_grain, segment_type
),

orders as (
    select
        count(distinct customer_id) as customer_count,
        sum(net_amount) as net_amount,
        sum(margin_amount) as margin_amount
    from {{ ref('fct_customer_order') }}
)

select
    sums.cohort_kind,
    sums.cohort_grain,
    sums.segment_type
from sums
cross join orders
where
    sums.customer_count <> orders.customer_count
    or sums.started_count <> orders.customer_count
    or sums.net_amount <> orders.net_amount
    or sums.margin_amount <> orders.margin_amount
    or sums.overfull_count > 0
