-- Grain: key whose records are others than before, or have other features.
-- Those that changed records held and those that they hold now. Built from nothing, keys need no list.
-- depends_on: {{ ref('id_feature') }}
{% set before = continued('id_key') -%}
with changed as (
    select record_key from {{ ref('id_feature_change') }}
)

{% if before -%}
select key_hash
from {{ match_keys(ref('id_feature'), 'record_key in (select record_key from changed)') }} as keys
union
select key_hash
from {{ before }}
where record_key in (select record_key from changed)
{%- else -%}
select {{ row_hash(['record_key']) }} as key_hash
from changed
where false
{%- endif %}
