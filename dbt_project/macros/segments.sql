{#- How a mart counts for all customers and for each kind, channel, province and team in one scan. -#}

{% macro steady_segment_types() %}
    {#- Segment types that do not change with time; a new one also needs its rows in dim_customer_segment. -#}
    {{- return(['kind', 'channel', 'province', 'owner_team']) -}}
{% endmacro %}


{% macro segment_sets(keys, types) -%}
    {#- For `group by`: everyone, and everyone by each segment type; the columns are named as their type. -#}
    grouping sets (
        ({{ keys | join(', ') }})
        {%- for type in types %},
        ({{ keys | join(', ') }}, {{ type }})
        {%- endfor %}
    )
{%- endmacro %}


{% macro segment_type_of_set(types) -%}
    {#- The segment type of a row grouped by segment_sets(). -#}
    case
        {%- for type in types %}
        when grouping({{ type }}) = 0 then '{{ type }}'
        {%- endfor %}
        else 'all'
    end
{%- endmacro %}


{% macro segment_of_set(types) -%}
    {#- The segment of a row grouped by segment_sets(). -#}
    case
        {%- for type in types %}
        when grouping({{ type }}) = 0 then {{ type }}
        {%- endfor %}
        else 'all'
    end
{%- endmacro %}


{% macro owner_teams() -%}
    {#- A relation: owner_key, team of every employee, also of those who have left: what they worked on was theirs. -#}
    (
        select source || ':' || employee_id as owner_key, max(team) as team
        from {{ union_sources('employees') }}
        group by source || ':' || employee_id
    )
{%- endmacro %}
