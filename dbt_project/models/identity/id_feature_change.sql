-- Grain: record whose features are new, may have changed or are gone.
-- Besides the records that have changed themselves, those that hold an identifier that many share now and did not
-- before, or the other way round. Built from nothing, the features need no list.
-- depends_on: {{ ref('id_record') }}
with flipped as (
    select identifier_type, identifier
    from {{ ref('id_hot_change') }}
    where is_hot <> was_hot
)

select record_key from {{ ref('id_record_change') }}
{%- if continued('id_feature') %}
{%- for identifier in shared_identifiers() %}
union
select record_key
from {{ ref('id_record') }}
where {{ identifier }} in (
    select identifier
    from flipped
    where identifier_type = '{{ identifier }}'
)
{%- endfor %}
{%- endif %}
