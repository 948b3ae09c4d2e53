-- Grain: source record that is new, has changed or is gone since id_record was built.
-- Models over single records replace exactly these. Built from nothing, they take every record and need no list.
{% set before = continued('id_record') -%}
{% if before -%}
with staged as (
    select
        source || ':' || customer_id as record_key,
        {{ staged_hash() }} as staged_hash
    from {{ union_sources('customers') }} as customers
),

known as (
    select record_key, staged_hash from {{ before }}
)

select coalesce(staged.record_key, known.record_key) as record_key
from staged
full join known on staged.record_key = known.record_key
where coalesce(staged.staged_hash <> known.staged_hash, true)
{%- else -%}
select source || ':' || customer_id as record_key
from {{ union_sources('customers') }} as customers
where false
{%- endif %}
