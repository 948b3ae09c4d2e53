-- Grain: customer × period_grain × period in which they had a case or a feedback.
-- The segments in which what a customer said and asked for counts: as in retention those of the day before the period
-- began, and `new` in every type for whom the first purchase falls into the period. Customers who had not purchased
-- by then have their own kind, channel, province and team, and no tier. Weeks have no tiers.
{%- set steady = steady_segment_types() %}
with events as (
    select crosswalk.customer_id, cases.opened_on as date_on
    from {{ ref('fct_case') }} as cases
    inner join {{ ref('id_crosswalk') }} as crosswalk on cases.record_key = crosswalk.record_key
    union
    select crosswalk.customer_id, feedback.asked_on as date_on
    from {{ ref('fct_feedback') }} as feedback
    inner join {{ ref('id_crosswalk') }} as crosswalk on feedback.record_key = crosswalk.record_key
),

periods as (
    {%- for grain in period_grains() %}
    select distinct
        customer_id,
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'date_on') }} as period_start,
        {{ period_end(grain, period_start(grain, 'date_on')) }} as period_end
    from events
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

buyers as (
    select distinct
        periods.customer_id,
        periods.period_grain,
        periods.period_start
    from periods
    inner join {{ ref('fct_purchase_day') }} as purchases
        on periods.customer_id = purchases.customer_id
        and purchases.purchase_on between periods.period_start and periods.period_end
),

placed as (
    select
        periods.*,
        periods.period_end > run.as_of_date as is_partial,
        {{ add_days('periods.period_end', response_window_days()) }} <= run.as_of_date as is_complete,
        buyers.customer_id is not null as is_buyer,
        coalesce(firsts.first_purchase_on between periods.period_start and periods.period_end, false) as is_new,
        coalesce(customers.kind, 'unknown') as kind,
        coalesce(firsts.channel, customers.channel, 'unknown') as channel,
        coalesce(customers.province, 'unknown') as province,
        coalesce(customers.owner_team, 'unknown') as owner_team,
        coalesce(tiers.tier, 'no_purchase') as tier
    from periods
    cross join {{ ref('dim_run') }} as run
    inner join {{ ref('dim_customer') }} as customers on periods.customer_id = customers.customer_id
    left join {{ ref('fct_first_purchase') }} as firsts on periods.customer_id = firsts.customer_id
    left join buyers
        on periods.customer_id = buyers.customer_id
        and periods.period_grain = buyers.period_grain
        and periods.period_start = buyers.period_start
    left join {{ ref('fct_customer_tier_month') }} as tiers
        on periods.customer_id = tiers.customer_id
        and case when periods.period_grain <> 'week' then periods.period_start end = tiers.month_start
)

select
    customer_id,
    period_grain,
    period_start,
    period_end,
    is_partial,
    is_complete,
    is_buyer,
    {%- for type in steady %}
    case when is_new then 'new' else {{ type }} end as {{ type }},
    {%- endfor %}
    case when period_grain <> 'week' then case when is_new then 'new' else tier end end as tier
from placed
