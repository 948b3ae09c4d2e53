-- Months whose migration does not add up: to whoever had bought by their end, without the new to whoever had bought
-- before, to where the next month begins; and tiers of which mart_customer_tier has another number of customers.
with months as (
    select
        month_start,
        max(is_partial) as is_partial,
        sum(customer_count) as customer_count,
        sum(case when from_tier <> 'new' then customer_count else 0 end) as earlier_count
    from {{ ref('mart_tier_migration') }}
    group by month_start
),

bought as (
    select
        months.month_start,
        max(months.customer_count) as customer_count,
        max(months.earlier_count) as earlier_count,
        sum(case when firsts.first_purchase_on < {{ add_months('months.month_start', 1) }} then 1 else 0 end)
            as bought_count,
        sum(case when firsts.first_purchase_on < months.month_start then 1 else 0 end) as bought_earlier_count
    from months
    cross join {{ ref('fct_first_purchase') }} as firsts
    group by months.month_start
),

ends as (
    select
        {{ add_months('month_start', 1) }} as month_start,
        to_tier as tier,
        sum(customer_count) as customer_count
    from {{ ref('mart_tier_migration') }}
    group by month_start, to_tier
),

begins as (
    select
        month_start,
        from_tier as tier,
        sum(customer_count) as customer_count
    from {{ ref('mart_tier_migration') }}
    where from_tier <> 'new'
    group by month_start, from_tier

    union all

    select
        {{ add_months(period_start('month', 'run.as_of_date'), 1) }} as month_start,
        rules.item as tier,
        count(tiers.customer_id) as customer_count
    from {{ ref('dim_run') }} as run
    cross join {{ ref('tier_rules') }} as rules
    left join {{ ref('mart_customer_tier') }} as tiers on rules.item = tiers.tier
    where rules.score = 'tier'
    group by run.as_of_date, rules.item
)

select
    month_start,
    'all' as tier,
    bought_count as expected_count,
    customer_count as found_count
from bought
where customer_count <> bought_count or earlier_count <> bought_earlier_count

union all

select
    ends.month_start,
    ends.tier,
    ends.customer_count as expected_count,
    begins.customer_count as found_count
from ends
left join begins on ends.month_start = begins.month_start and ends.tier = begins.tier
where ends.customer_count <> coalesce(begins.customer_count, -1)
