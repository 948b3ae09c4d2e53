-- Customers alike in a measure with more than one score in it, and better ones with a lower score.
{% set measures = [('recency_days', 'recency_score', '<'), ('frequency', 'frequency_score', '>'),
    ('monetary_amount', 'monetary_score', '>')] -%}
{%- for measure, score, better in measures %}
select
    '{{ score }}' as score,
    scored_on,
    count(*) as group_count
from (
    select
        scored_on,
        min({{ score }}) as lowest,
        max({{ score }}) as highest,
        lag(max({{ score }})) over (
            partition by scored_on order by {{ measure }} {{ 'desc' if better == '<' else 'asc' }} nulls last
        ) as highest_of_worse
    from {{ ref('fct_customer_rfm_score') }}
    where frequency > 0
    group by scored_on, {{ measure }}
) as alike
where lowest <> highest or lowest < highest_of_worse
group by scored_on
{{- '\n\nunion all\n' if not loop.last }}
{%- endfor %}
