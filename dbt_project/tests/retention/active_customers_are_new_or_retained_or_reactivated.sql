-- E = N + R + X and S = R + L in every row; each of the six is counted on its own.
select
    period_grain,
    period_start,
    segment_type,
    segment
from {{ ref('mart_retention_period') }}
where
    active_end <> new_customers + retained_customers + reactivated_customers
    or active_start <> retained_customers + lapsed_customers
    or (active_start is null) <> is_left_censored
