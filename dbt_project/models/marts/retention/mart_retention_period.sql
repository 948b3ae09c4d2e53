-- Grain: period_grain × period_start × segment_type × segment, without gaps.
-- How many customers were kept, won, won back and lost. The headline is retained over start: (E − N)/S, which many
-- companies report, counts customers who came back as kept and passes 100 %. A period that is not over has counts so
-- far and no rates.
{%- set in_order = 'partition by period_grain, segment_type, segment order by period_number asc nulls last' %}
with counts as (
    select
        periods.period_start,
        periods.is_partial,
        periods.is_left_censored,
        counts.*
    from {{ ref('fct_retention_count') }} as counts
    inner join {{ ref('dim_period') }} as periods
        on counts.period_grain = periods.period_grain and counts.period_number = periods.period_number
),

rolled as (
    select
        *,
        {%- for length in [3, 12] %}
        {%- set frame = in_order ~ ' rows between ' ~ (length - 1) ~ ' preceding and current row' %}
        count(active_start) over ({{ frame }}) = {{ length }} as is_rolling_{{ length }},
        sum(retained_customers) over ({{ frame }}) as retained_customers_rolling_{{ length }},
        sum(active_start) over ({{ frame }}) as active_start_rolling_{{ length }},
        {%- endfor %}
        {{ rate('retained_customers', 'active_start') }} as retention_rate
    from counts
),

compared as (
    select
        *,
        lag(retention_rate) over ({{ in_order }}) as previous_retention_rate
    from rolled
)

select
    cast(period_grain as varchar) as period_grain,
    cast(period_start as date) as period_start,
    cast(segment_type as varchar) as segment_type,
    cast(segment as varchar) as segment,
    active_start,
    active_end,
    new_customers,
    retained_customers,
    reactivated_customers,
    lapsed_customers,
    case when not is_partial then retention_rate end as retention_rate,
    case when not is_partial then {{ wilson_lower('retained_customers', 'active_start') }} end as retention_rate_lower,
    case when not is_partial then {{ wilson_upper('retained_customers', 'active_start') }} end as retention_rate_upper,
    case when not is_partial then {{ rate('active_end - new_customers', 'active_start') }} end as retention_rate_net,
    case when not is_partial then {{ rate('active_end - new_customers', 'active_start + new_customers') }} end
        as retention_rate_diluted,
    case when not is_partial then {{ rate('lapsed_customers', 'active_start') }} end as churn_rate,
    case when not is_partial then {{ wilson_lower('lapsed_customers', 'active_start') }} end as churn_rate_lower,
    case when not is_partial then {{ wilson_upper('lapsed_customers', 'active_start') }} end as churn_rate_upper,
    active_end as buyer_count,
    repeat_buyer_count,
    case when not is_partial then {{ rate('repeat_buyer_count', 'active_end') }} end as repeat_purchase_rate,
    case when not is_partial then {{ wilson_lower('repeat_buyer_count', 'active_end') }} end
        as repeat_purchase_rate_lower,
    case when not is_partial then {{ wilson_upper('repeat_buyer_count', 'active_end') }} end
        as repeat_purchase_rate_upper,
    ever_purchased_count,
    case when not is_partial then {{ rate('active_end', 'ever_purchased_count') }} end as active_customer_ratio,
    case when not is_partial then {{ wilson_lower('active_end', 'ever_purchased_count') }} end
        as active_customer_ratio_lower,
    case when not is_partial then {{ wilson_upper('active_end', 'ever_purchased_count') }} end
        as active_customer_ratio_upper,
    case when not is_partial then cast(round(retention_rate - previous_retention_rate, 9) as double) end
        as retention_rate_change,
    cast(retained_customers_rolling_3 as bigint) as retained_customers_rolling_3,
    cast(active_start_rolling_3 as bigint) as active_start_rolling_3,
    case
        when is_rolling_3 and not is_partial
            then {{ rate('retained_customers_rolling_3', 'active_start_rolling_3') }}
    end as retention_rate_rolling_3,
    cast(retained_customers_rolling_12 as bigint) as retained_customers_rolling_12,
    cast(active_start_rolling_12 as bigint) as active_start_rolling_12,
    case
        when is_rolling_12 and not is_partial
            then {{ rate('retained_customers_rolling_12', 'active_start_rolling_12') }}
    end as retention_rate_rolling_12,
    is_partial,
    is_left_censored
from compared
