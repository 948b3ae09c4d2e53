-- Grain: date_on × segment_type × segment, from the first purchase to as_of_date without gaps (all, kind, channel).
-- Sums that daily figures are made of. A run of N days is a stretch of purchases less than N days apart: from the runs
-- begun and ended per day, the customers who bought within N days are two running sums, and no row per customer and
-- day is needed.
{%- set types = ['kind', 'channel'] %}
{%- set sums = [
    'net_amount', 'margin_amount', 'order_count', 'buyer_count', 'new_customer_count', 'repeat_net_amount',
    'second_purchase_count',
] %}
{%- for name in activity_windows() %}
{%- do sums.extend(['runs_begun_' ~ name ~ '_count', 'runs_ended_' ~ name ~ '_count']) %}
{%- endfor %}
with pairs as (
    select
        purchases.purchase_on,
        purchases.previous_purchase_on,
        {{ date_diff_days('purchases.previous_purchase_on', 'purchases.purchase_on') }} as gap_days,
        {%- for type in types %}
        customers.{{ type }},
        {%- endfor %}
        count(*) as buyer_count,
        sum(case when purchases.purchase_number = 2 then 1 else 0 end) as second_purchase_count,
        sum(purchases.order_count) as order_count,
        sum(purchases.net_amount) as net_amount,
        sum(purchases.margin_amount) as margin_amount
    from {{ ref('fct_purchase_day') }} as purchases
    inner join {{ ref('fct_first_purchase') }} as customers on purchases.customer_id = customers.customer_id
    group by
        purchases.purchase_on,
        purchases.previous_purchase_on
        {%- for type in types %},
        customers.{{ type }}
        {%- endfor %}
),

-- A purchase begins a run unless the one before is near, and ends one unless the next is.
events as (
    select
        purchase_on as date_on,
        {{ types | join(', ') }},
        {%- for name, days in activity_windows().items() %}
        case when previous_purchase_on is null or gap_days >= {{ days }} then buyer_count else 0 end
            as runs_begun_{{ name }}_count,
        buyer_count as runs_ended_{{ name }}_count,
        {%- endfor %}
        case when previous_purchase_on is null then buyer_count else 0 end as new_customer_count,
        case when previous_purchase_on is null then 0 else net_amount end as repeat_net_amount,
        buyer_count,
        second_purchase_count,
        order_count,
        net_amount,
        margin_amount
    from pairs

    union all

    select
        previous_purchase_on as date_on,
        {{ types | join(', ') }},
        {%- for name, days in activity_windows().items() %}
        0 as runs_begun_{{ name }}_count,
        case when gap_days < {{ days }} then -buyer_count else 0 end as runs_ended_{{ name }}_count,
        {%- endfor %}
        0 as new_customer_count,
        0 as repeat_net_amount,
        0 as buyer_count,
        0 as second_purchase_count,
        0 as order_count,
        0 as net_amount,
        0 as margin_amount
    from pairs
    where previous_purchase_on is not null
),

counted as (
    select
        date_on,
        {{ segment_type_of_set(types) }} as segment_type,
        {{ segment_of_set(types) }} as segment,
        {%- for name in sums %}
        sum({{ name }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from events
    group by {{ segment_sets(['date_on'], types) }}
),

segments as (
    select distinct segment_type, segment from counted
),

history as (
    select min(date_on) as first_on from counted
)

select
    dates.date_on,
    segments.segment_type,
    segments.segment,
    {%- for name in sums %}
    cast(coalesce(counted.{{ name }}, 0) as {{ 'decimal(18, 2)' if name.endswith('_amount') else 'bigint' }}) as {{ name }}
    {{- ',' if not loop.last }}
    {%- endfor %}
from {{ ref('dim_date') }} as dates
inner join {{ ref('dim_run') }} as run on dates.date_on <= run.as_of_date
inner join history on dates.date_on >= history.first_on
cross join segments
left join counted
    on dates.date_on = counted.date_on
    and segments.segment_type = counted.segment_type
    and segments.segment = counted.segment
