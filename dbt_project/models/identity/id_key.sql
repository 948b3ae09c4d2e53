{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_changed('key_hash', 'id_key_change') }}"
) }}
-- Grain: match rule × record that has all its columns, where another record has the same.
-- One narrow list feeds every rule: pairs are found in it, not in joins of wide records. Most keys are of one record
-- and are dropped at once. On the next day all are made again, and only the records of changed ones are looked at.
-- depends_on: {{ ref('id_key_change') }}
with keys as (
    select *
    from {{ match_keys(ref('id_feature')) }} as every_key
    where {{ only_changed('key_hash', 'key_hash', 'id_key_change') }}
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
