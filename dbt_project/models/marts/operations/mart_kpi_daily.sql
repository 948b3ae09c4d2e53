-- Grain: date_on × metric × segment_type × segment, without gaps.
-- The headline figures as one long table. Numerator and denominator are stored, so that days, weeks and segments can be
-- put together without averaging rates; a plain sum or count has the denominator 1. A figure over the last N days has
-- no value until N days of history lie behind it. Shares of customers have bounds, those of money have none.
{%- set lapsed_days = var('lapsed_after_days') %}
{%- set in_order = 'partition by segment_type, segment order by date_on asc nulls last' %}
{%- set metrics = [
    {'name': 'net_sales_amount', 'numerator': 'net_amount'},
    {'name': 'net_sales_amount_30_days', 'numerator': 'net_amount_30', 'days': 30},
    {'name': 'margin_rate', 'numerator': 'margin_amount', 'denominator': 'net_amount'},
    {'name': 'order_count', 'numerator': 'order_count'},
    {'name': 'average_order_amount', 'numerator': 'net_amount', 'denominator': 'order_count'},
    {'name': 'buyer_count', 'numerator': 'buyer_count'},
    {'name': 'new_customer_count', 'numerator': 'new_customer_count'},
    {
        'name': 'repeat_buyer_rate', 'numerator': 'buyer_count - new_customer_count', 'denominator': 'buyer_count',
        'is_share': true,
    },
    {'name': 'repeat_sales_rate', 'numerator': 'repeat_net_amount', 'denominator': 'net_amount'},
    {'name': 'ever_purchased_count', 'numerator': 'ever_purchased_count'},
    {
        'name': 'repeat_customer_rate', 'numerator': 'repeat_customer_count', 'denominator': 'ever_purchased_count',
        'is_share': true,
    },
    {'name': 'active_customer_count', 'numerator': 'active_lapsed_count', 'days': lapsed_days},
    {
        'name': 'active_customer_ratio', 'numerator': 'active_lapsed_count', 'denominator': 'ever_purchased_count',
        'days': lapsed_days, 'is_share': true,
    },
    {
        'name': 'retention_rate_30_days', 'numerator': 'active_30_count + active_before_30_count - active_60_count',
        'denominator': 'active_before_30_count', 'days': 60, 'is_share': true,
    },
] %}
with sums as (
    select
        *,
        {%- for name, days in activity_windows().items() %}
        sum(runs_begun_{{ name }}_count) over ({{ in_order }}) as begun_{{ name }}_count,
        sum(runs_ended_{{ name }}_count) over ({{ in_order }}) as ended_{{ name }}_count,
        {%- endfor %}
        sum(net_amount) over ({{ in_order }} rows between 29 preceding and current row) as net_amount_30,
        sum(new_customer_count) over ({{ in_order }}) as ever_purchased_count,
        sum(second_purchase_count) over ({{ in_order }}) as repeat_customer_count,
        row_number() over ({{ in_order }}) as history_days
    from {{ ref('fct_segment_day') }}
),

-- Bought within N days: runs begun so far, less those whose last purchase is N days past.
active as (
    select
        *,
        {%- for name, days in activity_windows().items() %}
        begun_{{ name }}_count - lag(ended_{{ name }}_count, {{ days }}, 0) over ({{ in_order }})
            as active_{{ name }}_count{{ ',' if not loop.last }}
        {%- endfor %}
    from sums
),

-- Active in both of two neighbouring windows = first + second − their union.
days as (
    select
        *,
        lag(active_30_count, 30, 0) over ({{ in_order }}) as active_before_30_count
    from active
),

figures as (
    {%- for metric in metrics %}
    select
        date_on,
        '{{ metric.name }}' as metric,
        segment_type,
        segment,
        cast({{ metric.numerator }} as decimal(18, 2)) as numerator,
        cast({{ metric.denominator | default('1') }} as decimal(18, 2)) as denominator,
        history_days >= {{ metric.days | default(1) }} as is_known,
        {{ metric.is_share | default(false) | lower }} as is_share
    from days
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
)

select
    cast(date_on as date) as date_on,
    cast(metric as varchar) as metric,
    cast(segment_type as varchar) as segment_type,
    cast(segment as varchar) as segment,
    numerator,
    denominator,
    case when is_known then {{ rate('numerator', 'denominator') }} end as value,
    case when is_known and is_share then {{ wilson_lower('numerator', 'denominator') }} end as value_lower,
    case when is_known and is_share then {{ wilson_upper('numerator', 'denominator') }} end as value_upper
from figures
