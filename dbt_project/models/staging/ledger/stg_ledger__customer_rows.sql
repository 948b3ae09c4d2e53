-- Grain: key of a raw object whose rows are customers, as its source says or because no other is read for them.
-- How many rows the loads in force hold of each customer, and how many of these repeat a key inside one load: the
-- duplicates that are gone once the newest version is picked. Who is no customer after all (a contact with an account)
-- meets none downstream. Sources whose customers are gathered from baskets have no such rows.
{% set objects = var('objects', {}) -%}
{%- set relations = [] -%}
{%- for provider in var('entities').get('customers', []) -%}
    {%- for name in objects.get(provider, []) -%}
        {%- set raw = source(provider, name) -%}
        {%- set facts, read = raw_object_facts(provider, name), raw_objects_read_by(provider, 'customers') -%}
        {%- if facts.primary_key | length == 1 and (read == [name] or name in read and facts.holds_customers) -%}
            {%- do relations.append((provider, raw, facts.primary_key[0])) -%}
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
