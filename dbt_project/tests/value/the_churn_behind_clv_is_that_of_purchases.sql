-- At risk and lost customers behind clv_simple, counted anew from purchase days for each kind and for all: rows where
-- they differ.
with run as (
    select {{ period_start('quarter', add_days('as_of_date', 1)) }} as quarters_end
    from {{ ref('dim_run') }}
),

active_quarters as (
    select distinct
        customer_id,
        {{ period_start('quarter', 'purchase_on') }} as quarter_start
    from {{ ref('fct_purchase_day') }}
),

at_risk as (
    select
        actives.customer_id,
        {{ add_months('actives.quarter_start', 3) }} as quarter_start
    from active_quarters as actives
    cross join run
    where
        actives.quarter_start >= {{ add_months('run.quarters_end', -15) }}
        and actives.quarter_start < {{ add_months('run.quarters_end', -3) }}
),

counted as (
    select
        segments.segment_type,
        segments.segment,
        count(*) as at_risk_count,
        count(*) - count(nexts.customer_id) as lapsed_count
    from at_risk
    inner join {{ ref('dim_customer_segment') }} as segments on at_risk.customer_id = segments.customer_id
    left join active_quarters as nexts
        on at_risk.customer_id = nexts.customer_id and at_risk.quarter_start = nexts.quarter_start
    where segments.segment_type in ('all', 'kind')
    group by segments.segment_type, segments.segment
)

select
    coalesce(counted.segment, churn.segment) as segment,
    counted.at_risk_count,
    churn.at_risk_count as published_at_risk_count,
    counted.lapsed_count,
    churn.lapsed_count as published_lapsed_count
from counted
full join {{ ref('fct_segment_churn') }} as churn
    on counted.segment_type = churn.segment_type and counted.segment = churn.segment
where
    coalesce(counted.at_risk_count, 0) <> coalesce(churn.at_risk_count, 0)
    or coalesce(counted.lapsed_count, 0) <> coalesce(churn.lapsed_count, 0)
