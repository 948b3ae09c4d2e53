{#- Names and expressions that the period, cohort and daily models share. -#}

{% macro period_grains() %}
    {{- return(['week', 'month', 'quarter', 'year']) -}}
{% endmacro %}


{% macro steady_segment_types() %}
    {#- Segment types that do not change with time; a new one also needs its rows in dim_customer_segment. -#}
    {{- return(['kind', 'channel', 'province', 'owner_team']) -}}
{% endmacro %}


{% macro period_start_of(grain, date_on) -%}
    {#- First day of the period that holds a date, for a grain that is a column (period_start takes plain text). -#}
    case {{ grain }}
        {%- for name in period_grains() %}
        when '{{ name }}' then {{ period_start(name, date_on) }}
        {%- endfor %}
    end
{%- endmacro %}


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


{% macro activity_windows() %}
    {#- Lengths in days of the trailing windows in which daily figures call a customer active. -#}
    {{- return([30, 60, var('lapsed_after_days')] | unique | list) -}}
{% endmacro %}
