-- Grain: customer with a purchase × scored_on (as_of_date and the month ends before it, dim_scoring_date).
-- Recency, frequency and amount inside the window that ends on scored_on, scored among those who bought in it, so
-- that last month's segment is today's rule on last month's facts, not what was published then.
-- Customers without a purchase in the window have no scores (0 in the seed of rules) and are lapsed.
-- Beside them the amounts of other spans that the customer tier needs, so that purchases are gone through once.
{%- set spans = {'net_amount_365': (365, 0), 'net_amount_90': (90, 0), 'previous_net_amount_90': (180, 90)} %}
with windows as (
    select
        scored_on,
        {{ add_days('scored_on', -var('rfm_window_days')) }} as day_before_window
    from {{ ref('dim_scoring_date') }}
),

purchases as (
    select
        days.customer_id,
        windows.scored_on,
        max(days.purchase_on) as last_purchase_on,
        sum(case when days.purchase_on > windows.day_before_window then 1 else 0 end) as frequency,
        sum(case when days.purchase_on > windows.day_before_window then days.net_amount else 0 end) as monetary_amount,
        {%- for name, (from_days, to_days) in spans.items() %}
        sum(
            case
                when
                    days.purchase_on > {{ add_days('windows.scored_on', -from_days) }}
                    and days.purchase_on <= {{ add_days('windows.scored_on', -to_days) }}
                    then days.net_amount
                else 0
            end
        ) as {{ name }},
        {%- endfor %}
        sum(days.net_amount) as historic_net_amount
    from {{ ref('fct_purchase_day') }} as days
    inner join windows on days.purchase_on <= windows.scored_on
    group by days.customer_id, windows.scored_on
),

measured as (
    select
        customer_id,
        scored_on,
        frequency,
        cast(monetary_amount as decimal(18, 2)) as monetary_amount,
        historic_net_amount,
        {{ spans | join(',\n        ') }},
        case when frequency > 0 then {{ date_diff_days('last_purchase_on', 'scored_on') }} end as recency_days
    from purchases
),

scored as (
    select
        customer_id,
        scored_on,
        {{ rfm_score('recency_days', 'desc', 'scored_on') }} as recency_score,
        {{ rfm_score('frequency', 'asc', 'scored_on') }} as frequency_score,
        {{ rfm_score('monetary_amount', 'asc', 'scored_on') }} as monetary_score
    from measured
    where frequency > 0
)

select
    measured.customer_id,
    measured.scored_on,
    cast(measured.recency_days as bigint) as recency_days,
    cast(measured.frequency as bigint) as frequency,
    cast(measured.monetary_amount as decimal(18, 2)) as monetary_amount,
    cast(scored.recency_score as integer) as recency_score,
    cast(scored.frequency_score as integer) as frequency_score,
    cast(scored.monetary_score as integer) as monetary_score,
    cast(rules.rfm_segment as varchar) as rfm_segment,
    cast(rules.rfm_segment_zh as varchar) as rfm_segment_zh,
    cast(rules.rfm_segment_en as varchar) as rfm_segment_en,
    cast(nullif(rules.rfm_type, '') as varchar) as rfm_type,
    cast(measured.historic_net_amount as decimal(18, 2)) as historic_net_amount,
    {%- for name in spans %}
    cast(measured.{{ name }} as decimal(18, 2)) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
from measured
left join scored on measured.customer_id = scored.customer_id and measured.scored_on = scored.scored_on
left join {{ ref('rfm_segment_rules') }} as rules
    on coalesce(scored.recency_score, 0) between rules.recency_min and rules.recency_max
    and coalesce(scored.frequency_score, 0) between rules.frequency_min and rules.frequency_max
    and coalesce(scored.monetary_score, 0) between rules.monetary_min and rules.monetary_max
