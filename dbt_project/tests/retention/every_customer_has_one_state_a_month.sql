-- Customers whose months of mart_customer_lifecycle have a gap or begin or end elsewhere, whose states follow each
-- other as they cannot, or who are lapsed at the as-of date though they bought, or not though they did not.
with customers as (
    select
        firsts.customer_id,
        {{ month_index('run.as_of_date') }} - {{ month_index('firsts.first_purchase_on') }} + 1 as month_count,
        {{ date_diff_days('dim.last_order_on', 'run.as_of_date') }} >= {{ var('lapsed_after_days') }} as is_lapsed,
        {{ period_start('month', 'firsts.first_purchase_on') }} as first_month,
        {{ period_start('month', 'run.as_of_date') }} as last_month
    from {{ ref('fct_first_purchase') }} as firsts
    inner join {{ ref('dim_customer') }} as dim on firsts.customer_id = dim.customer_id
    cross join {{ ref('dim_run') }} as run
),

states as (
    select
        states.customer_id,
        count(*) as month_count,
        min(states.month_start) as first_month,
        max(states.month_start) as last_month,
        sum(case when states.month_start = customers.last_month and states.state = 'lapsed' then 1 else 0 end) = 1
            as is_lapsed,
        sum(
            case
                when states.month_start = customers.first_month
                    then case when states.previous_state is null and states.state in ('new', 'lapsed') then 0 else 1 end
                when states.previous_state = 'lapsed' and states.state not in ('lapsed', 'won_back') then 1
                when states.state = 'new' or states.previous_state is null then 1
                else 0
            end
        ) as odd_count
    from {{ ref('mart_customer_lifecycle') }} as states
    inner join customers on states.customer_id = customers.customer_id
    group by states.customer_id
)

select
    customers.customer_id,
    customers.month_count,
    states.month_count as found_month_count,
    states.odd_count
from customers
full join states on customers.customer_id = states.customer_id
where
    coalesce(customers.month_count, 0) <> coalesce(states.month_count, 0)
    or customers.first_month <> states.first_month
    or customers.last_month <> states.last_month
    or customers.is_lapsed <> states.is_lapsed
    or states.odd_count > 0
