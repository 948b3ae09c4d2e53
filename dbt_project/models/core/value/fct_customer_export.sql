-- Grain: living record of a customer in its source.
-- What goes back into the CRMs: private/exports/<source>/customer_scores.csv has the lines of its source, and these
-- columns in this order, all but `source`. Each record of a customer has the figures of the whole customer.
-- People must have agreed to marketing, organisations are not asked and need not have refused.
{%- set horizons = [28, 90] %}
with probabilities as (
    select
        customer_id,
        {%- for days in horizons %}
        max(case when horizon_days = {{ days }} then churn_probability end) as churn_probability_{{ days }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_churn_score') }}
    group by customer_id
)

select
    records.source,
    records.source_customer_id,
    records.kind,
    crosswalk.customer_id,
    run.as_of_date,
    case
        when coalesce(customers.consent_marketing, customers.kind in ('store', 'distributor')) then 'yes'
        else 'no'
    end as marketing_allowed,
    tier_names.tier_zh as customer_tier_zh,
    rfm.rfm_segment_zh,
    rfm.recency_score,
    rfm.frequency_score,
    rfm.monetary_score,
    tiers.risk_tier_zh,
    {%- for days in horizons %}
    cast(round(probabilities.churn_probability_{{ days }}, 4) as double) as churn_probability_{{ days }},
    {%- endfor %}
    {%- for number in [1, 2, 3] %}
    signals.reason_{{ number }}_zh,
    {%- endfor %}
    signals.expected_next_purchase_on,
    tier_names.tier_en as customer_tier_en,
    rfm.rfm_segment_en,
    tiers.risk_tier_en,
    {%- for number in [1, 2, 3] %}
    signals.reason_{{ number }}_en{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('id_record') }} as records
cross join {{ ref('dim_run') }} as run
inner join {{ ref('id_crosswalk') }} as crosswalk on records.record_key = crosswalk.record_key
inner join {{ ref('dim_customer') }} as customers on crosswalk.customer_id = customers.customer_id
left join {{ ref('fct_customer_rfm_score') }} as rfm
    on crosswalk.customer_id = rfm.customer_id and run.as_of_date = rfm.scored_on
left join {{ ref('fct_customer_tier_score') }} as customer_tiers
    on crosswalk.customer_id = customer_tiers.customer_id and run.as_of_date = customer_tiers.scored_on
left join {{ ref('tier_rules') }} as tier_names on customer_tiers.tier = tier_names.item and tier_names.score = 'tier'
left join {{ ref('fct_churn_signal') }} as signals on crosswalk.customer_id = signals.customer_id
left join probabilities on signals.customer_id = probabilities.customer_id
left join {{ ref('risk_tiers') }} as tiers
    on signals.customer_id is not null
    and {{ is_in_risk_tier('tiers', 'probabilities.churn_probability_90', 'signals.is_lapsed') }}
where not records.is_deleted and records.merged_into_key is null
