-- Grain: customer with a purchase × cut-off × history (life: all purchases up to it; recent: the last half year's).
-- What the models of repeat purchases know of a customer at a cut-off, by the time of events alone: x repeat purchase
-- days, t_x and age (T) in weeks, the mean amount of the repeat days. Kinds of fewer than 500 customers are one
-- segment: on their own they could not be fitted. history_days is how long the segment has been watched: the days of a
-- window tell less, whose first ones may be a weekend or a holiday on which nobody buys.
with purchases as (
    select * from {{ ref('fct_purchase_day') }}
),

kinds as (
    select
        customer_id,
        segment as kind,
        count(*) over (partition by segment) as customer_count
    from {{ ref('dim_customer_segment') }}
    where segment_type = 'kind'
),

segments as (
    select
        customer_id,
        case when customer_count >= 500 then kind else 'other' end as segment
    from kinds
),

starts as (
    select
        segments.segment,
        min(purchases.purchase_on) as start_on
    from purchases
    inner join segments on purchases.customer_id = segments.customer_id
    where purchases.purchase_number = 1
    group by segments.segment
),

histories as (
    select
        cutoff_on,
        is_current,
        'life' as history,
        {{ add_days('cutoff_on', -100000) }} as day_before
    from {{ ref('dim_model_cutoff') }}
    where has_life

    union all

    select
        cutoff_on,
        is_current,
        'recent',
        {{ add_days('cutoff_on', -182) }}
    from {{ ref('dim_model_cutoff') }}
    where has_recent
),

counted as (
    select
        purchases.customer_id,
        histories.cutoff_on,
        histories.is_current,
        histories.history,
        count(*) - 1 as x,
        min(purchases.purchase_on) as first_on,
        max(purchases.purchase_on) as last_on,
        sum(case when purchases.purchase_number > 1 then purchases.net_amount else 0 end) as repeat_amount
    from purchases
    inner join histories
        on purchases.purchase_on <= histories.cutoff_on
        and purchases.purchase_on > histories.day_before
    group by purchases.customer_id, histories.cutoff_on, histories.is_current, histories.history
)

select
    cast(counted.customer_id as varchar) as customer_id,
    cast(counted.cutoff_on as date) as cutoff_on,
    cast(counted.history as varchar) as history,
    counted.is_current,
    cast(segments.segment as varchar) as segment,
    cast(counted.x as integer) as x,
    cast({{ date_diff_days('counted.first_on', 'counted.last_on') }} / 7.0 as double) as t_x,
    cast({{ date_diff_days('counted.first_on', 'counted.cutoff_on') }} / 7.0 as double) as age,
    cast({{ date_diff_days('counted.last_on', 'counted.cutoff_on') }} as integer) as recency_days,
    cast(case when counted.history = 'life' and counted.x > 0 then counted.repeat_amount / counted.x end as double)
        as mean_repeat_amount,
    cast({{ date_diff_days('starts.start_on', 'counted.cutoff_on') }} as integer) as history_days
from counted
inner join segments on counted.customer_id = segments.customer_id
inner join starts on segments.segment = starts.segment
