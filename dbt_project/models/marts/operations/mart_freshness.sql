-- Grain: source × object, received or not.
-- How old the newest extract of each object is on the day of the run (known_on). An object that never came is late only
-- where its source requires it: real companies lack some.
with objects as (
    select
        loads.*,
        {{ date_diff_days('loads.last_load_date', 'run.known_on') }} as lag_days
    from {{ ref('fct_object_load') }} as loads
    cross join {{ ref('dim_run') }} as run
)

select
    cast(source as varchar) as source,
    cast(object as varchar) as object,
    cast(last_load_date as date) as last_load_date,
    cast(lag_days as bigint) as lag_days,
    cast(target_days as integer) as target_days,
    cast(coalesce(lag_days > target_days, is_required, false) as boolean) as is_late,
    cast(row_count as bigint) as row_count,
    cast(is_required as boolean) as is_required
from objects
