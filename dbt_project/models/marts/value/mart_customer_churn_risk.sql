-- Grain: customer with a purchase × horizon_days.
-- How likely each customer is not to buy within the horizon, what that means, and what can be seen of it in words.
-- Warnings and reasons are those of today, the same for every horizon. Lapsed customers are a tier of their own: they
-- have stopped already. A probability that no model may give is NULL and the tier unknown.
select
    cast(scores.customer_id as varchar) as customer_id,
    cast(scores.horizon_days as integer) as horizon_days,
    cast(scores.churn_probability as double) as churn_probability,
    cast(tiers.risk_tier as varchar) as risk_tier,
    cast(tiers.risk_tier_zh as varchar) as risk_tier_zh,
    cast(tiers.risk_tier_en as varchar) as risk_tier_en,
    signals.is_lapsed,
    signals.is_behaviour_warning,
    signals.is_spend_warning,
    {%- for number in [1, 2, 3] %}
    cast(signals.reason_{{ number }}_zh as varchar) as reason_{{ number }}_zh,
    cast(signals.reason_{{ number }}_en as varchar) as reason_{{ number }}_en,
    {%- endfor %}
    cast(signals.expected_next_purchase_on as date) as expected_next_purchase_on,
    scores.is_evaluated_population,
    scores.is_low_confidence,
    scores.is_stale,
    cast(scores.scorer as varchar) as scorer,
    cast(scores.model_run_id as varchar) as model_run_id
from {{ ref('fct_churn_score') }} as scores
inner join {{ ref('fct_churn_signal') }} as signals on scores.customer_id = signals.customer_id
left join {{ ref('risk_tiers') }} as tiers
    on {{ is_in_risk_tier('tiers', 'scores.churn_probability', 'signals.is_lapsed') }}
