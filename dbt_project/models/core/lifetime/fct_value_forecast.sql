-- Grain: customer with a purchase × horizon, today. Purchases to come and what each will be worth.
-- By the model that did better at earlier cut-offs (BG/NBD where there are none), NULL where the segment has none.
-- p_alive is that of MBG/NBD, under which one-time buyers can be lost. It is NULL where the data do not bound the
-- parameters and where more than half of a segment first bought in the first four weeks of the data: their first
-- purchase lies before.
with summaries as (
    select *
    from {{ ref('fct_purchase_summary') }}
    where history = 'life' and is_current
),

segments as (
    select
        summaries.segment,
        2 * sum(case when {{ date_diff_days('starts.data_start_on', 'firsts.purchase_on') }} < 28 then 1 else 0 end)
            > count(*) as is_left_censored
    from summaries
    inner join {{ ref('fct_purchase_day') }} as firsts
        on summaries.customer_id = firsts.customer_id and firsts.purchase_number = 1
    cross join (select min(purchase_on) as data_start_on from {{ ref('fct_purchase_day') }}) as starts
    group by summaries.segment
),

margins as (
    select
        summaries.segment,
        {{ rate('sum(orders.margin_amount)', 'sum(orders.net_amount)') }} as margin_rate
    from summaries
    inner join {{ ref('fct_customer_order') }} as orders on summaries.customer_id = orders.customer_id
    group by summaries.segment
),

horizons as (
    {%- for days in forecast_horizons() %}
    select {{ days }} as horizon_days, {{ days }} / cast(7 as double) as horizon
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

known as (
    select
        summaries.*,
        coalesce(backtests.chosen, 'bg') as model,
        {%- for model, names in model_parameters().items() %}
        {%- for name in names %}
        parameters.{{ model }}_{{ name }},
        {%- endfor %}
        {%- endfor %}
        parameters.bg_run_id,
        parameters.mbg_run_id,
        parameters.mbg_is_identified,
        segments.is_left_censored,
        margins.margin_rate
    from summaries
    inner join segments on summaries.segment = segments.segment
    inner join margins on summaries.segment = margins.segment
    left join {{ ref('dim_model_parameter') }} as parameters
        on summaries.segment = parameters.segment
        and summaries.cutoff_on = parameters.cutoff_on
        and summaries.history = parameters.history
    left join {{ ref('fct_value_backtest') }} as backtests on summaries.segment = backtests.segment
),

alive as (
    select
        *,
        {%- for model in ['bg', 'mbg'] %}
        {{ p_alive(model, 'x', 't_x', 'age', model ~ '_r', model ~ '_alpha', model ~ '_a', model ~ '_b') }}
            as p_alive_{{ model }}{{ ',' if not loop.last }}
        {%- endfor %}
    from known
),

forecast as (
    select
        alive.*,
        horizons.horizon_days,
        horizons.horizon,
        case alive.model
            {%- for model in ['bg', 'mbg'] %}
            when '{{ model }}' then {{ p_no_purchase(
                'alive.p_alive_' ~ model, 'alive.x', 'alive.age', 'horizons.horizon',
                'alive.' ~ model ~ '_r', 'alive.' ~ model ~ '_alpha'
            ) }}
            {%- endfor %}
        end as p_no_purchase,
        case alive.model
            {%- for model in ['bg', 'mbg'] %}
            when '{{ model }}' then {{ expected_purchases(
                model, 'alive.p_alive_' ~ model, 'alive.x', 'alive.age', 'horizons.horizon', 'alive.' ~ model ~ '_r',
                'alive.' ~ model ~ '_alpha', 'alive.' ~ model ~ '_a', 'alive.' ~ model ~ '_b'
            ) }}
            {%- endfor %}
        end as expected_purchases,
        {{ expected_order_amount('alive.x', 'alive.mean_repeat_amount', 'alive.gamma_gamma_p', 'alive.gamma_gamma_q',
            'alive.gamma_gamma_v') }} as expected_order_amount
    from alive
    cross join horizons
)

select
    cast(customer_id as varchar) as customer_id,
    cast(horizon_days as integer) as horizon_days,
    cast(segment as varchar) as segment,
    cast(model as varchar) as model,
    cast(case model when 'bg' then bg_run_id else mbg_run_id end as varchar) as model_run_id,
    cast(case when mbg_is_identified and not is_left_censored then round(p_alive_mbg, 9) end as double) as p_alive,
    cast(round(p_no_purchase, 9) as double) as p_no_purchase,
    cast(round(expected_purchases, 9) as double) as expected_purchases,
    cast(round(expected_order_amount, 9) as double) as expected_order_amount,
    cast(round(expected_purchases * expected_order_amount, 2) as decimal(18, 2)) as predicted_amount,
    cast(round(
        expected_purchases * expected_order_amount * margin_rate
        * {{ discount_factor(var('discount_rate') | float, 'horizon') }}, 2
    ) as decimal(18, 2)) as predicted_margin_amount,
    x = 0 as is_cold_start
from forecast
