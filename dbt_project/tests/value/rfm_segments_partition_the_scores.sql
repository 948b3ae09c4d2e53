-- Score triples (125, and three zeros for no purchase in the window) that do not fall under exactly one rule.
with scores as (
    {%- for score in range(1, 6) %}
    select {{ score }} as score{{ ' union all' if not loop.last }}
    {%- endfor %}
),

triples as (
    select
        recency.score as recency_score,
        frequency.score as frequency_score,
        monetary.score as monetary_score
    from scores as recency
    cross join scores as frequency
    cross join scores as monetary
    union all
    select 0, 0, 0
)

select
    triples.recency_score,
    triples.frequency_score,
    triples.monetary_score,
    count(rules.rfm_segment) as rule_count
from triples
left join {{ ref('rfm_segment_rules') }} as rules
    on triples.recency_score between rules.recency_min and rules.recency_max
    and triples.frequency_score between rules.frequency_min and rules.frequency_max
    and triples.monetary_score between rules.monetary_min and rules.monetary_max
group by triples.recency_score, triples.frequency_score, triples.monetary_score
having count(rules.rfm_segment) <> 1
