-- Grain: day, from the first order's year to the end of as_of_date's year. Weeks start on Monday.
with bounds as (
    select
        {{ period_start('year', 'coalesce(min(orders.ordered_on), max(run.as_of_date))') }} as first_on,
        {{ add_months(period_start('year', 'max(run.as_of_date)'), 12) }} as end_on
    from {{ ref('dim_run') }} as run
    left join {{ ref('fct_order') }} as orders on orders.is_valid and orders.ordered_on <= run.as_of_date
),

days as (
    select {{ each_day('first_on', add_days('end_on', -1)) }} as date_on from bounds
)

select
    date_on,
    {{ period_start('week', 'date_on') }} as week_start,
    {{ period_start('month', 'date_on') }} as month_start,
    {{ period_start('quarter', 'date_on') }} as quarter_start,
    {{ period_start('year', 'date_on') }} as year_start
from days
