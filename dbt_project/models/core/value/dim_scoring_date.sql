-- Grain: day on which customers are scored: as_of_date, and the last day of each of the thirteen months before.
-- Every table that compares customers over months scores them on these days, by the same formula and today's knowledge.
with months as (
    select
        {{ add_months(period_start('month', 'as_of_date'), '-months_back') }} as month_start,
        as_of_date
    from (
        select
            as_of_date,
            {{ each_number(0, 13) }} as months_back
        from {{ ref('dim_run') }}
    ) as numbered
)

select
    cast(least({{ period_end('month', 'month_start') }}, as_of_date) as date) as scored_on,
    month_start,
    {{ add_days('month_start', -1) }} as previous_scored_on,
    {{ period_end('month', 'month_start') }} >= as_of_date as is_current,
    {{ period_end('month', 'month_start') }} > as_of_date as is_partial
from months
