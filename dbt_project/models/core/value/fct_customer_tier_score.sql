-- Grain: customer with a purchase × scored_on.
-- The scores and the customer tier on each scored day, by the weights and thresholds of today's seed. A score is the rank
-- among those who bought in the window (rank_score); whoever did not has 0 in all, and so the lowest tier.
{%- set measures = tier_measures() %}
with rules as (
    select
        {%- for score, orders in measures.items() %}
        {%- for measure in orders %}
        max(case when score = '{{ score }}' and item = '{{ measure }}' then weight end) as {{ measure }}_weight,
        {%- endfor %}
        max(case when score = 'total' and item = '{{ score }}' then weight end) as {{ score }}_weight,
        {%- endfor %}
        max(case when item = 'important' then lowest_score end) as important_from,
        max(case when item = 'general' then lowest_score end) as general_from
    from {{ ref('tier_rules') }}
),

ranked as (
    select
        customer_id,
        scored_on
        {%- for orders in measures.values() %}
        {%- for measure, order in orders.items() %},
        {{ rank_score(measure, order, 'scored_on') }} as {{ measure }}_rank
        {%- endfor %}
        {%- endfor %}
    from {{ ref('fct_customer_tier_measure') }}
    where is_ranked
),

scored as (
    select
        measured.customer_id,
        measured.scored_on
        {%- for score, orders in measures.items() %}
        {%- set columns = {} %}
        {%- for measure in orders %}
        {%- do columns.update({measure: 'ranked.' ~ measure ~ '_rank'}) %}
        {%- endfor %},
        coalesce({{ weighted_score(columns, 'rules') }}, 0) as {{ score }}_score
        {%- endfor %}
    from {{ ref('fct_customer_tier_measure') }} as measured
    cross join rules
    left join ranked
        on measured.customer_id = ranked.customer_id and measured.scored_on = ranked.scored_on
),

totals as (
    select
        scored.*,
        {{ weighted_score({'value': 'value_score', 'loyalty': 'loyalty_score', 'potential': 'potential_score'}, 'rules') }}
            as total_score,
        rules.important_from,
        rules.general_from
    from scored
    cross join rules
)

select
    customer_id,
    scored_on,
    cast(value_score as decimal(5, 2)) as value_score,
    cast(loyalty_score as decimal(5, 2)) as loyalty_score,
    cast(potential_score as decimal(5, 2)) as potential_score,
    total_score,
    case
        when total_score >= important_from then 'important'
        when total_score >= general_from then 'general'
        else 'low'
    end as tier
from totals
