-- Grain: cohort_kind × cohort_grain × cohort_start × period_index × segment_type × segment with a purchase.
-- How many customers of a cohort bought in each of its periods, and for how much. A customer counts once, at the first
-- purchase of the period: the one whose purchase before lies in an earlier period. Everything is counted for cohorts
-- of a month, which add up to quarters and years since nobody is in two.
{%- set types = steady_segment_types() %}
{%- set keys = ['cohort_kind', 'cohort_grain', 'cohort_start', 'period_index'] %}
{%- set grains = ['month', 'quarter', 'year'] %}
with purchases as (
    select
        purchases.purchase_on,
        purchases.previous_purchase_on,
        purchases.net_amount,
        purchases.margin_amount,
        {{ period_start('month', 'purchases.purchase_on') }} as purchase_month,
        {{ period_start('month', 'customers.first_purchase_on') }} as cohort_month,
        {{ date_diff_days('customers.first_purchase_on', 'purchases.purchase_on') }} as age_days,
        {{ date_diff_days('customers.first_purchase_on', 'purchases.previous_purchase_on') }} as previous_age_days,
        customers.profile_number
    from {{ ref('fct_purchase_day') }} as purchases
    inner join {{ ref('fct_first_purchase') }} as customers on purchases.customer_id = customers.customer_id
),

calendar_months as (
    select
        cohort_month,
        purchase_month,
        profile_number,
        {%- for grain in grains %}
        sum(
            case when previous_purchase_on >= {{ period_start(grain, 'purchase_on') }} then 0 else 1 end
        ) as {{ grain }}_customer_count,
        {%- endfor %}
        sum(net_amount) as net_amount,
        sum(margin_amount) as margin_amount
    from purchases
    group by cohort_month, purchase_month, profile_number
),

relative_months as (
    {%- for days in [7, 30] %}
    select
        'relative_{{ days }}' as cohort_kind,
        cohort_month,
        cast(floor(age_days / {{ days }}) as bigint) as period_index,
        profile_number,
        sum(
            case when floor(previous_age_days / {{ days }}) = floor(age_days / {{ days }}) then 0 else 1 end
        ) as customer_count,
        sum(net_amount) as net_amount,
        sum(margin_amount) as margin_amount
    from purchases
    group by cohort_month, cast(floor(age_days / {{ days }}) as bigint), profile_number
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

activity as (
    {%- for grain in grains %}
    select
        'calendar' as cohort_kind,
        '{{ grain }}' as cohort_grain,
        {{ period_start(grain, 'cohort_month') }} as cohort_start,
        {{ periods_apart(grain, 'cohort_month', 'purchase_month') }} as period_index,
        profile_number,
        {{ grain }}_customer_count as customer_count,
        net_amount,
        margin_amount
    from calendar_months
    union all
    select
        cohort_kind,
        '{{ grain }}' as cohort_grain,
        {{ period_start(grain, 'cohort_month') }} as cohort_start,
        period_index,
        profile_number,
        customer_count,
        net_amount,
        margin_amount
    from relative_months
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

placed as (
    select
        activity.*
        {%- for type in types %},
        profiles.{{ type }}
        {%- endfor %}
    from activity
    inner join {{ ref('dim_customer_profile') }} as profiles on activity.profile_number = profiles.profile_number
)

select
    {{ keys | join(',\n    ') }},
    {{ segment_type_of_set(types) }} as segment_type,
    {{ segment_of_set(types) }} as segment,
    cast(sum(customer_count) as bigint) as retained_customers,
    cast(sum(net_amount) as decimal(18, 2)) as net_amount,
    cast(sum(margin_amount) as decimal(18, 2)) as margin_amount
from placed
group by {{ segment_sets(keys, types) }}
