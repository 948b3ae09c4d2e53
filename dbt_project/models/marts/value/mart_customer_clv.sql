-- Grain: customer with a purchase × horizon_days.
-- What a customer has brought, what repeating the last period would bring (the naive figure that every model has to
-- beat), what the model expects, and how far to trust it. Without a model the forecast is NULL, never 0. clv_simple is
-- a rule of thumb over a lifetime, so it is the same for every horizon and is never compared with one.
{% set horizons = forecast_horizons() -%}
with customers as (
    select
        orders.customer_id,
        sum(orders.net_amount) as net_amount,
        sum(orders.margin_amount) as margin_amount
        {%- for days in horizons %},
        sum(case when orders.ordered_on > {{ add_days('run.as_of_date', -days) }} then orders.net_amount else 0 end)
            as net_amount_{{ days }}
        {%- endfor %}
    from {{ ref('fct_customer_order') }} as orders
    cross join {{ ref('dim_run') }} as run
    group by orders.customer_id
),

horizons as (
    {%- for days in horizons %}
    select {{ days }} as horizon_days
    {{- ' union all' if not loop.last }}
    {%- endfor %}
)

select
    cast(customers.customer_id as varchar) as customer_id,
    cast(horizons.horizon_days as integer) as horizon_days,
    cast(customers.net_amount as decimal(18, 2)) as historic_net_amount,
    cast(customers.margin_amount as decimal(18, 2)) as historic_margin_amount,
    cast(
        case horizons.horizon_days
            {%- for days in horizons %}
            when {{ days }} then customers.net_amount_{{ days }}
            {%- endfor %}
        end as decimal(18, 2)
    ) as naive_amount,
    cast(
        round(
            simple.average_order_amount * simple.purchases_per_year * simple.expected_lifetime_years, 2
        ) as decimal(18, 2)
    ) as clv_simple,
    cast(simple.average_order_amount as double) as average_order_amount,
    cast(simple.purchases_per_year as double) as purchases_per_year,
    cast(simple.expected_lifetime_years as double) as expected_lifetime_years,
    cast(simple.churn_segment_type as varchar) as churn_segment_type,
    cast(simple.churn_segment as varchar) as churn_segment,
    cast(simple.churn_at_risk_count as bigint) as churn_at_risk_count,
    cast(simple.churn_lapsed_count as bigint) as churn_lapsed_count,
    cast(simple.annual_churn_rate as double) as annual_churn_rate,
    scores.p_alive,
    scores.p_no_purchase,
    scores.expected_purchases,
    scores.expected_order_amount,
    scores.predicted_amount,
    scores.predicted_margin_amount,
    scores.model_run_id,
    scores.is_cold_start,
    scores.is_low_confidence,
    scores.is_stale
from customers
cross join horizons
inner join {{ ref('fct_value_score') }} as scores
    on customers.customer_id = scores.customer_id
    and horizons.horizon_days = scores.horizon_days
left join {{ ref('fct_customer_simple_value') }} as simple on customers.customer_id = simple.customer_id
