-- Grain: match rule × record that has all its columns, where another record has the same.
-- One narrow list feeds every rule: pairs are found in it, not in joins of wide records. Most keys are of one record
-- and are dropped at once.
with records as (
    select * from {{ ref('id_feature') }}
),

keys as (
    {%- for rule in match_rules() %}
    select
        record_key,
        {{ loop.index }} as rule_number,
        {{ row_hash([loop.index] + rule.columns) }} as key_hash
    from records
    where
        party = '{{ rule.party }}'
        {%- for column in rule.columns %}
        and {{ column }} is not null
        {%- endfor %}
        {%- if rule.is_full %}
        and not is_name_partial
        {%- endif %}
    {{- '\n\n    union all\n' if not loop.last }}
    {%- endfor %}
),

shared as (
    select
        key_hash,
        count(*) as record_count
    from keys
    group by key_hash
    having count(*) > 1
)

select
    keys.record_key,
    keys.rule_number,
    keys.key_hash,
    shared.record_count
from keys
inner join shared on keys.key_hash = shared.key_hash
