-- Rules of the customer tier that are missing, foreign or impossible, each with what is wrong.
with expected as (
    {%- for score, orders in tier_measures().items() %}
    {%- for measure in orders %}
    select '{{ score }}' as score, '{{ measure }}' as item union all
    {%- endfor %}
    select 'total', '{{ score }}' union all
    {%- endfor %}
    select 'tier', 'important' union all
    select 'tier', 'general' union all
    select 'tier', 'low'
),

rules as (
    select * from {{ ref('tier_rules') }}
)

select
    coalesce(expected.score, rules.score) as score,
    coalesce(expected.item, rules.item) as item,
    'must stand once, and no other' as violation
from expected
full join rules on expected.score = rules.score and expected.item = rules.item
group by coalesce(expected.score, rules.score), coalesce(expected.item, rules.item)
having count(expected.item) <> 1 or count(rules.item) <> 1

union all

select score, min(item), 'weights are below 0 or all 0'
from rules
where score <> 'tier'
group by score
having coalesce(sum(weight), 0) <= 0 or min(weight) < 0 or count(weight) < count(*)

union all

select 'tier', 'important', 'low does not begin at 0, or general not between low and important'
from rules
where score = 'tier'
having
    coalesce(max(case when item = 'low' then lowest_score end), -1) <> 0
    or coalesce(max(case when item = 'general' then lowest_score end), -1) <= 0
    or coalesce(max(case when item = 'important' then lowest_score end), -1)
    <= coalesce(max(case when item = 'general' then lowest_score end), 0)
