-- Grain: customer × past cut-off × horizon that is over. Forecasts as they would have been made, and what came.
-- Both models forecast purchases; naive is that the next days will be as the last ones were.
with summaries as (
    select *
    from {{ ref('fct_purchase_summary') }}
    where history = 'life' and not is_current
),

horizons as (
    {%- for days in checked_horizons() %}
    select
        cutoff_on,
        false as is_named,
        {{ days }} as horizon_days
    from {{ ref('dim_model_cutoff') }}
    where has_life and not is_named and days_before >= {{ days }}

    union all
    {% endfor %}
    select
        cutoff_on,
        true,
        days_before
    from {{ ref('dim_model_cutoff') }}
    where is_named
),

purchases as (
    select
        horizons.cutoff_on,
        horizons.horizon_days,
        days.customer_id,
        sum(case when days.purchase_on > horizons.cutoff_on then 1 else 0 end) as purchase_count,
        sum(case when days.purchase_on > horizons.cutoff_on then days.net_amount else 0 end) as net_amount,
        sum(case when days.purchase_on <= horizons.cutoff_on then 1 else 0 end) as naive_count,
        sum(case when days.purchase_on <= horizons.cutoff_on then days.net_amount else 0 end) as naive_amount
    from {{ ref('fct_purchase_day') }} as days
    inner join horizons
        on days.purchase_on > {{ add_days('horizons.cutoff_on', '-horizons.horizon_days') }}
        and days.purchase_on <= {{ add_days('horizons.cutoff_on', 'horizons.horizon_days') }}
    group by horizons.cutoff_on, horizons.horizon_days, days.customer_id
),

known as (
    select
        summaries.*,
        horizons.is_named,
        horizons.horizon_days,
        horizons.horizon_days / cast(7 as double) as horizon,
        {%- for model, names in model_parameters().items() %}
        {%- for name in names %}
        parameters.{{ model }}_{{ name }},
        {%- endfor %}
        {%- endfor %}
        coalesce(purchases.purchase_count, 0) as purchase_count,
        coalesce(purchases.net_amount, 0) as net_amount,
        coalesce(purchases.naive_count, 0) as naive_count,
        coalesce(purchases.naive_amount, 0) as naive_amount
    from summaries
    inner join horizons on summaries.cutoff_on = horizons.cutoff_on
    left join {{ ref('dim_model_parameter') }} as parameters
        on summaries.segment = parameters.segment
        and summaries.cutoff_on = parameters.cutoff_on
        and summaries.history = parameters.history
    left join purchases
        on summaries.customer_id = purchases.customer_id
        and horizons.cutoff_on = purchases.cutoff_on
        and horizons.horizon_days = purchases.horizon_days
),

alive as (
    select
        *,
        {%- for model in ['bg', 'mbg'] %}
        {{ p_alive(model, 'x', 't_x', 'age', model ~ '_r', model ~ '_alpha', model ~ '_a', model ~ '_b') }}
            as p_alive_{{ model }}{{ ',' if not loop.last }}
        {%- endfor %}
    from known
)

select
    cast(customer_id as varchar) as customer_id,
    cast(segment as varchar) as segment,
    cast(cutoff_on as date) as cutoff_on,
    is_named,
    cast(horizon_days as integer) as horizon_days,
    {%- for model in ['bg', 'mbg'] %}
    cast({{ expected_purchases(
        model, 'p_alive_' ~ model, 'x', 'age', 'horizon',
        model ~ '_r', model ~ '_alpha', model ~ '_a', model ~ '_b'
    ) }} as double) as expected_{{ model }},
    {%- endfor %}
    cast({{ expected_order_amount(
        'x', 'mean_repeat_amount', 'gamma_gamma_p', 'gamma_gamma_q', 'gamma_gamma_v'
    ) }} as double) as order_amount,
    cast(purchase_count as bigint) as purchase_count,
    cast(net_amount as decimal(18, 2)) as net_amount,
    cast(naive_count as bigint) as naive_count,
    cast(naive_amount as decimal(18, 2)) as naive_amount,
    {#- Of any new customer, whatever this one did: nothing bought yet, so x and age are 0 and nobody is lost. #}
    {%- for model in ['bg', 'mbg'] %}
    cast(case when is_named then {{ expected_purchases(
        model, p_alive_of_new(model), 'cast(0 as double)', 'cast(0 as double)', '(age + horizon)',
        model ~ '_r', model ~ '_alpha', model ~ '_a', model ~ '_b'
    ) }} end as double) as tracked_{{ model }},
    {%- endfor %}
    cast(case when is_named then x + purchase_count end as bigint) as tracked_count
from alive
