-- Grain: customer with a purchase.
-- What can be seen of a customer who may be about to leave, before any model: pace and spend against the customer's own
-- past, and the three most important reasons in the words of churn_reasons(), service and the rest included. Thresholds
-- stand in churn_rules(); where the customer's own history is too short for one, nothing is said. Who has lapsed is
-- expected on no day.
{%- set rules = churn_rules() %}
with purchases as (
    select
        days.customer_id,
        max(run.as_of_date) as as_of_date,
        min(days.purchase_on) as first_purchase_on,
        max(days.purchase_on) as last_purchase_on,
        count(days.previous_purchase_on) as gap_count,
        {{ rate(date_diff_days('min(days.purchase_on)', 'max(days.purchase_on)'), 'count(days.previous_purchase_on)') }}
            as mean_gap_days,
        {%- for name, share in {'median': 0.5, 'p90': 0.9}.items() %}
        round({{ percentile_of(date_diff_days('days.previous_purchase_on', 'days.purchase_on'), share) }}, 9)
            as {{ name }}_gap_days,
        {%- endfor %}
        {%- for window in rules['windows'] %}
        {%- set inside = in_churn_window('days.purchase_on', window, 'run.as_of_date') %}
        sum(case when {{ inside }} then 1 else 0 end) as {{ window }}_day_count,
        sum(case when {{ inside }} then days.net_amount else 0 end) as {{ window }}_amount{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_purchase_day') }} as days
    cross join {{ ref('dim_run') }} as run
    group by days.customer_id
),

measured as (
    select
        *,
        {{ date_diff_days('last_purchase_on', 'as_of_date') }} as current_gap_days,
        least(
            {{ rules['windows']['usual'][0] - rules['windows']['usual'][1] }},
            {{ date_diff_days('first_purchase_on', add_days('as_of_date', 1 - rules['windows']['usual'][1])) }}
        ) as observed_days
    from purchases
),

compared as (
    select
        *,
        current_gap_days >= {{ var('lapsed_after_days') }} as is_lapsed,
        gap_count >= {{ rules['least_gaps'] }}
        and current_gap_days > greatest(mean_gap_days, p90_gap_days) as is_gap_unusual,
        recent_day_count <= {{ rules['fewer_share'] }} * previous_day_count
        and previous_day_count - recent_day_count >= {{ rules['fewer_least'] }} as has_fewer_purchases,
        case
            when
                observed_days >= {{ rules['usual_least_days'] }}
                and usual_day_count * 90 >= {{ rules['usual_least_purchases'] }} * observed_days
                then round(usual_amount * 90.0 / observed_days, 2)
        end as usual_amount_90
    from measured
),

signals as (
    select
        compared.*,
        {%- for name in service_signals() %}
        service.{{ name }},
        {%- endfor %}
        coalesce(compared.recent_amount < {{ rules['spend_share'] }} * compared.usual_amount_90, false)
            as is_spend_warning
    from compared
    left join {{ ref('fct_service_signal') }} as service on compared.customer_id = service.customer_id
),

first_reasons as (
    select signals.*, {{ next_churn_reason() }} as reason_1 from signals
),

second_reasons as (
    select signals.*, {{ next_churn_reason('reason_1') }} as reason_2 from first_reasons as signals
),

third_reasons as (
    select signals.*, {{ next_churn_reason('reason_2') }} as reason_3 from second_reasons as signals
)

select
    signals.customer_id,
    signals.last_purchase_on,
    cast(signals.current_gap_days as bigint) as current_gap_days,
    cast(signals.gap_count as bigint) as gap_count,
    signals.p90_gap_days,
    cast(signals.recent_day_count as bigint) as purchase_day_count_90,
    cast(signals.previous_day_count as bigint) as previous_purchase_day_count_90,
    cast(signals.recent_amount as decimal(18, 2)) as net_amount_90,
    cast(signals.usual_amount_90 as decimal(18, 2)) as usual_net_amount_90,
    signals.is_lapsed,
    signals.is_gap_unusual,
    signals.has_fewer_purchases,
    signals.is_gap_unusual or signals.has_fewer_purchases as is_behaviour_warning,
    signals.is_spend_warning,
    {%- for place in ['reason_1', 'reason_2', 'reason_3'] %}
    {%- for language in ['zh', 'en'] %}
    {{ churn_reason_text(place, language) }} as {{ place }}_{{ language }},
    {%- endfor %}
    {%- endfor %}
    cast(
        case
            when signals.gap_count >= {{ rules['expected_least_gaps'] }} and not signals.is_lapsed
                then greatest(
                    {{ add_days('signals.last_purchase_on', 'round(signals.median_gap_days)') }},
                    {{ add_days('signals.as_of_date', 1) }}
                )
        end as date
    ) as expected_next_purchase_on
from third_reasons as signals
