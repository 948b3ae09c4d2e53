-- Grain: period_grain × period × segment_type × segment with a valid order, from the period of the first case on.
-- Orders that cases are held against, and their days of delivery, in the segments of retention. Days are counted first:
-- the median is the first by which half of the shipped orders had arrived, none while more than half are on their way.
-- Delivered before its day is not shipped. A warehouse without cases has no rows, and spends no time on them.
{%- set types = experience_segment_types() %}
{%- set keys = ['period_grain', 'period_start'] %}
with history as (
    select min(opened_on) as first_case_on from {{ ref('fct_case') }}
),

stamps as (
    select
        orders.source || ':' || orders.order_id as order_key,
        {{ business_date('orders.delivered_at') }} as delivered_on
    from {{ union_sources('orders') }} as orders
    cross join {{ ref('dim_run') }} as run
    where {{ business_date('coalesce(orders.shipped_at, orders.delivered_at)') }} <= run.as_of_date
),

orders as (
    select
        orders.customer_id,
        orders.ordered_on,
        history.first_case_on,
        customers.first_purchase_on,
        customers.profile_number,
        stamps.order_key is not null and coalesce(stamps.delivered_on >= orders.ordered_on, true) as is_shipped,
        case
            when stamps.delivered_on <= run.as_of_date
                then {{ days_until('orders.ordered_on', 'stamps.delivered_on') }}
        end as delivery_days
    from {{ ref('fct_customer_order') }} as orders
    cross join {{ ref('dim_run') }} as run
    inner join history on orders.ordered_on >= {{ period_start('year', 'history.first_case_on') }}
    inner join {{ ref('fct_first_purchase') }} as customers on orders.customer_id = customers.customer_id
    left join stamps on orders.order_key = stamps.order_key
),

profiled as (
    {%- for grain in period_grains() %}
    {%- set start = period_start(grain, 'orders.ordered_on') %}
    {%- set tier = 'cast(null as varchar)' if grain == 'week' else "coalesce(tiers.tier, 'unknown')" %}
    select
        '{{ grain }}' as period_grain,
        {{ start }} as period_start,
        orders.profile_number,
        orders.first_purchase_on >= {{ start }} as is_new,
        {{ tier }} as tier,
        orders.is_shipped,
        orders.delivery_days,
        count(*) as order_count
    from orders
    {%- if grain != 'week' %}
    left join {{ ref('fct_customer_tier_month') }} as tiers
        on orders.customer_id = tiers.customer_id and {{ start }} = tiers.month_start
    {%- endif %}
    where orders.ordered_on >= {{ period_start(grain, 'orders.first_case_on') }}
    group by
        {{ start }},
        orders.profile_number,
        orders.first_purchase_on >= {{ start }},
        {{ tier }},
        orders.is_shipped,
        orders.delivery_days
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

placed as (
    select
        profiled.period_grain,
        profiled.period_start,
        profiled.is_shipped,
        profiled.delivery_days,
        profiled.order_count,
        {%- for type in types %}
        {%- set table = 'profiled' if type == 'tier' else 'profiles' %}
        case when profiled.is_new then 'new' else {{ table }}.{{ type }} end as {{ type }}{{ ',' if not loop.last }}
        {%- endfor %}
    from profiled
    inner join {{ ref('dim_customer_profile') }} as profiles on profiled.profile_number = profiles.profile_number
),

counted as (
    select
        {{ keys | join(', ') }},
        is_shipped,
        delivery_days,
        {{ segment_type_of_set(types) }} as segment_type,
        {{ segment_of_set(types) }} as segment,
        sum(order_count) as order_count,
        sum(case when is_shipped then order_count else 0 end) as delivery_count
    from placed
    group by {{ segment_sets(keys + ['is_shipped', 'delivery_days'], types) }}
),

running as (
    select
        *,
        sum(delivery_count) over (
            partition by {{ keys | join(', ') }}, segment_type, segment
            order by delivery_days asc nulls last, is_shipped asc nulls last
            rows between unbounded preceding and current row
        ) as arrived_count,
        sum(delivery_count) over (partition by {{ keys | join(', ') }}, segment_type, segment) as shipped_count
    from counted
    where segment_type <> 'tier' or period_grain <> 'week'
)

select
    period_grain,
    period_start,
    segment_type,
    segment,
    cast(sum(order_count) as bigint) as order_count,
    cast(sum(delivery_count) as bigint) as delivery_count,
    cast(sum(case when delivery_days is null then delivery_count else 0 end) as bigint) as undelivered_count,
    cast(min(case when 2 * arrived_count >= shipped_count then delivery_days end) as bigint) as median_delivery_days
from running
group by period_grain, period_start, segment_type, segment
