-- Grain: raw object that a source of the warehouse declares.
-- Rows of the loads in force, and how many of them another version of their key replaces: counted from keys alone, so
-- that it can disagree with the ranking by which staging picks the version in force.
{% set objects = var('objects', {}) -%}
{%- set counts = [] -%}
{%- for source_name, names in objects.items() -%}
    {%- for name in names -%}
        {%- do counts.append((source_name, name, source(source_name, name), raw_object_facts(source_name, name))) -%}
    {%- endfor -%}
{%- endfor -%}
{%- for source_name, name, raw, facts in counts %}
select
    cast('{{ source_name }}' as varchar) as source,
    cast('{{ name }}' as varchar) as object,
    cast(coalesce(sum(row_count), 0) as bigint) as raw_count,
    cast(coalesce(sum(row_count - kept_count), 0) as bigint) as superseded_count
from (
    select
        count(*) as row_count,
        {%- if facts.replace_together %}
        case
            when
                max(_load_date) = max(max(_load_date)) over (partition by {{ facts.replace_together | join(', ') }})
                then 1
            else 0
        end as kept_count
        {%- else %}
        1 as kept_count
        {%- endif %}
    from {{ raw }}
    group by {{ facts.primary_key | join(', ') }}
) as keys
{{- '\n\nunion all\n' if not loop.last }}
{%- else %}
select
    cast(null as varchar) as source,
    cast(null as varchar) as object,
    cast(null as bigint) as raw_count,
    cast(null as bigint) as superseded_count
where false
{%- endfor %}
