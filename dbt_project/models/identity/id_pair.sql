{{ config(
    materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_changed_pairs() }}"
) }}
-- Grain: pair of records that may be one customer, because they agree in all columns of a match rule.
-- Every two records of a key are a pair, up to a number of records at which pairs would explode: beyond it an exact
-- rule ties all to the smallest record, and to the smallest of the same name, since the rest may not join somebody
-- else; the other rules find nothing. Of several exact rules the strongest counts. On the next day the pairs of records
-- that hold a changed key are made again, from all keys.
-- depends_on: {{ ref('id_feature_change') }}
-- depends_on: {{ ref('id_key_change') }}
with keys as (
    select * from {{ ref('id_key') }}
),

rules as (
    {%- for rule in match_rules() %}
    select
        {{ loop.index }} as rule_number,
        {{ "'" ~ rule.name ~ "'" if rule.weight is defined else 'cast(null as varchar)' }} as exact_rule,
        {{ rule.weight | default('cast(null as integer)') }} as exact_weight
    {{- '\n    union all\n' if not loop.last }}
    {%- endfor %}
),

small as (
    select *
    from keys
    where record_count <= {{ var('largest_block') }} and {{ only_of_changed_keys('record_key') }}
),

large as (
    select
        keys.*,
        min(keys.record_key) over (partition by keys.key_hash) as first_record_key,
        min(keys.record_key) over (partition by keys.key_hash, features.name_pinyin) as first_namesake_key
    from keys
    inner join rules on keys.rule_number = rules.rule_number and rules.exact_rule is not null
    inner join {{ ref('id_feature') }} as features on keys.record_key = features.record_key
    where keys.record_count > {{ var('largest_block') }}
),

found as (
    select
        lefts.record_key as left_record_key,
        rights.record_key as right_record_key,
        lefts.rule_number
    from small as lefts
    inner join small as rights on lefts.key_hash = rights.key_hash and lefts.record_key < rights.record_key
    {%- for first in ['first_record_key', 'first_namesake_key'] %}

    union all

    select
        {{ first }},
        record_key,
        rule_number
    from large
    where
        {{ first }} <> record_key
        and {{ only_of_changed_keys('record_key') }}
        and {{ only_of_changed_keys(first) }}
    {%- endfor %}
),

pairs as (
    select
        found.left_record_key,
        found.right_record_key,
        max_by(rules.exact_rule, rules.exact_weight) as exact_rule,
        max(rules.exact_weight) as exact_weight
    from found
    inner join rules on found.rule_number = rules.rule_number
    group by found.left_record_key, found.right_record_key
)

select
    pairs.left_record_key,
    pairs.right_record_key,
    cast(lefts.party as varchar) as party,
    cast(pairs.exact_rule as varchar) as exact_rule,
    cast(pairs.exact_weight as double) as exact_weight,
    {{ row_hash(['lefts.feature_hash', 'rights.feature_hash']) }} as pair_hash
from pairs
inner join {{ ref('id_feature') }} as lefts on pairs.left_record_key = lefts.record_key
inner join {{ ref('id_feature') }} as rights on pairs.right_record_key = rights.record_key
