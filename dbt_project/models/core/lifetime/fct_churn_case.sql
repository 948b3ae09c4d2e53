-- Grain: customer who bought in the last 90 days and is not lapsed × cut-off × horizon. What churn is scored by, and
-- what came. The score is the chance of no purchase within the horizon, by the BG/NBD of the last half year: on the
-- whole history it ranks worse, since customers change. The outcome is NULL where the horizon is not over.
with summaries as (
    select *
    from {{ ref('fct_purchase_summary') }}
    where history = 'recent' and recency_days < {{ evaluated_days() }}
),

{# Cut-offs of a longer horizon lie further apart, or outcomes would count twice. #}
horizons as (
    {%- for days in checked_horizons() %}
    select
        cutoff_on,
        days_before,
        {{ days }} as horizon_days
    from {{ ref('dim_model_cutoff') }}
    where has_recent and days_before % (28 * {{ ((days + 27) // 28) }}) = 0
    {{- '\n\n    union all\n' if not loop.last }}
    {%- endfor %}
),

before as (
    select
        summaries.customer_id,
        summaries.cutoff_on,
        {%- for days in [14, 28, 56, 90, 182] %}
        ln(1 + sum(
            case when {{ date_diff_days('days.purchase_on', 'summaries.cutoff_on') }} < {{ days }} then 1 else 0 end
        )) as n{{ days }},
        {%- endfor %}
        cast(count(distinct case
            when {{ date_diff_days('days.purchase_on', 'summaries.cutoff_on') }} < 91
                then floor({{ date_diff_days('days.purchase_on', 'summaries.cutoff_on') }} / 7.0)
        end) as double) as w91
    from summaries
    inner join {{ ref('fct_purchase_day') }} as days
        on summaries.customer_id = days.customer_id
        and days.purchase_on <= summaries.cutoff_on
        and days.purchase_on > {{ add_days('summaries.cutoff_on', -182) }}
    group by summaries.customer_id, summaries.cutoff_on
),

after as (
    select
        summaries.customer_id,
        summaries.cutoff_on,
        min(days.purchase_on) as next_purchase_on
    from summaries
    inner join {{ ref('fct_purchase_day') }} as days
        on summaries.customer_id = days.customer_id
        and days.purchase_on > summaries.cutoff_on
    group by summaries.customer_id, summaries.cutoff_on
),

alive as (
    select
        summaries.*,
        horizons.horizon_days,
        horizons.days_before,
        horizons.horizon_days / cast(7 as double) as horizon,
        parameters.bg_r,
        parameters.bg_alpha,
        {{ p_alive('bg', 'summaries.x', 'summaries.t_x', 'summaries.age', 'parameters.bg_r', 'parameters.bg_alpha',
            'parameters.bg_a', 'parameters.bg_b') }} as p_alive
    from summaries
    inner join horizons on summaries.cutoff_on = horizons.cutoff_on
    inner join {{ ref('dim_model_parameter') }} as parameters
        on summaries.segment = parameters.segment
        and summaries.cutoff_on = parameters.cutoff_on
        and summaries.history = parameters.history
)

select
    cast(alive.customer_id as varchar) as customer_id,
    cast(alive.segment as varchar) as segment,
    cast(alive.horizon_days as integer) as horizon_days,
    cast(alive.cutoff_on as date) as cutoff_on,
    alive.is_current,
    cast(case
        when alive.days_before < alive.horizon_days then null
        when after.next_purchase_on <= {{ add_days('alive.cutoff_on', 'alive.horizon_days') }} then 0
        else 1
    end as double) as outcome,
    cast({{ p_no_purchase('alive.p_alive', 'alive.x', 'alive.age', 'alive.horizon', 'alive.bg_r', 'alive.bg_alpha') }}
        as double) as score,
    alive.recency_days,
    {%- for feature in churn_features() %}
    cast(before.{{ feature }} as double) as {{ feature }}{{ ',' if not loop.last }}
    {%- endfor %}
from alive
inner join before on alive.customer_id = before.customer_id and alive.cutoff_on = before.cutoff_on
left join after on alive.customer_id = after.customer_id and alive.cutoff_on = after.cutoff_on
