-- Grain: key of a raw object from which customers are staged row by row.
-- How many rows the loads in force hold of each customer, and how many of these repeat a key inside one load: the
-- duplicates that are gone once the newest version is picked. Sources whose customers are gathered from other objects
-- (households from baskets) have no such rows.
{% set objects = var('objects', {}) -%}
{%- set relations = [] -%}
{%- for provider in var('entities').get('customers', []) -%}
    {%- for name in objects.get(provider, []) -%}
        {%- set raw = source(provider, name) -%}
        {%- if raw_objects_read_by(provider, 'customers') == [name] -%}
            {%- set keys = raw_object_facts(provider, name).primary_key -%}
            {%- if keys | length == 1 -%}
                {%- do relations.append((provider, raw, keys[0])) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
{%- endfor -%}
{%- for provider, raw, key in relations %}
select
    '{{ provider }}:' || {{ to_text(key) }} as record_key,
    cast(count(*) as bigint) as row_count,
    cast(count(*) - count(distinct _load_id) as bigint) as key_duplicate_count
from {{ raw }}
where {{ to_text(key) }} is not null
group by '{{ provider }}:' || {{ to_text(key) }}
{{- '\n\nunion all\n' if not loop.last }}
{%- else %}
select
    cast(null as varchar) as record_key,
    cast(null as bigint) as row_count,
    cast(null as bigint) as key_duplicate_count
where false
{%- endfor %}
