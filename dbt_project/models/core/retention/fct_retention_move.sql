-- Grain: period_grain × period × is_new × profile_number × tier with a customer who bought in it or in the one before.
-- Who came, stayed, came back and left, each counted on its own: arrivals at a customer's first purchase of a period by
-- what lies before it, departures at the last one by what lies after it. The tier is that of the day before the period
-- began; tiers are known on first days of months, so there are none for weeks.
with periods as (
    select * from {{ ref('dim_period') }}
),

purchases as (
    select
        purchases.customer_id,
        customers.profile_number,
        purchases.purchase_on,
        purchases.purchase_number,
        purchases.previous_purchase_on,
        lead(purchases.purchase_on) over (
            partition by purchases.customer_id order by purchases.purchase_on asc nulls last
        ) as next_purchase_on
    from {{ ref('fct_purchase_day') }} as purchases
    inner join {{ ref('fct_first_purchase') }} as customers on purchases.customer_id = customers.customer_id
),

visits as (
    {%- for grain in period_grains() %}
    select '{{ grain }}' as period_grain, {{ period_start(grain, 'purchase_on') }} as visit_period_start, *
    from purchases
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

moves as (
    select
        visits.customer_id,
        visits.profile_number,
        periods.*,
        0 as active_start,
        1 as active_end,
        case when visits.purchase_number = 1 then 1 else 0 end as new_customers,
        case when visits.previous_purchase_on >= periods.previous_period_start then 1 else 0 end as retained_customers,
        case
            when visits.purchase_number > 1 and visits.previous_purchase_on < periods.previous_period_start then 1
            else 0
        end as reactivated_customers,
        0 as lapsed_customers,
        case when visits.next_purchase_on <= periods.period_end then 1 else 0 end as repeat_buyer_count
    from visits
    inner join periods
        on visits.period_grain = periods.period_grain and visits.visit_period_start = periods.period_start
    where visits.previous_purchase_on is null or visits.previous_purchase_on < periods.period_start

    union all

    select
        visits.customer_id,
        visits.profile_number,
        periods.*,
        1 as active_start,
        0 as active_end,
        0 as new_customers,
        0 as retained_customers,
        0 as reactivated_customers,
        case when visits.next_purchase_on is null or visits.next_purchase_on > periods.period_end then 1 else 0 end
            as lapsed_customers,
        0 as repeat_buyer_count
    from visits
    inner join periods
        on visits.period_grain = periods.period_grain and visits.visit_period_start = periods.previous_period_start
    where visits.next_purchase_on is null or visits.next_purchase_on >= periods.period_start
)

select
    moves.period_grain,
    moves.period_number,
    moves.new_customers = 1 as is_new,
    moves.profile_number,
    coalesce(tiers.tier, 'unknown') as tier,
    {%- for measure in retention_counts() %}
    cast(sum(moves.{{ measure }}) as bigint) as {{ measure }}{{ ',' if not loop.last }}
    {%- endfor %}
from moves
left join {{ ref('fct_customer_tier_month') }} as tiers
    on moves.customer_id = tiers.customer_id
    and case when moves.period_grain <> 'week' then moves.period_start end = tiers.month_start
group by
    moves.period_grain,
    moves.period_number,
    moves.new_customers = 1,
    moves.profile_number,
    coalesce(tiers.tier, 'unknown')
