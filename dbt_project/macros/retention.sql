{#- Names and expressions that the period, cohort and daily models share. -#}

{% macro period_grains() %}
    {{- return(['week', 'month', 'quarter', 'year']) -}}
{% endmacro %}


{% macro steady_segment_types() %}
    {#- Segment types that do not change with time; a new one also needs its rows in dim_customer_segment. -#}
    {{- return(['kind', 'channel', 'province', 'owner_team']) -}}
{% endmacro %}


{% macro retention_counts() %}
    {#- What is counted per period and segment: S, E, N, R, X, L, and who bought on two days or more. -#}
    {{- return([
        'active_start', 'active_end', 'new_customers', 'retained_customers', 'reactivated_customers',
        'lapsed_customers', 'repeat_buyer_count',
    ]) -}}
{% endmacro %}


{% macro periods_apart(grain, from_on, to_on) -%}
    {#- Whole months, quarters or years (the grain, plain text) between the periods that hold two dates. -#}
    cast((
        {{ month_index(period_start(grain, to_on)) }} - {{ month_index(period_start(grain, from_on)) }}
    ) / {{ {'month': 1, 'quarter': 3, 'year': 12}[grain] }} as bigint)
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
    {#- The trailing windows, name and days, in which daily figures call a customer active. -#}
    {{- return({'30': 30, '60': 60, 'lapsed': var('lapsed_after_days')}) -}}
{% endmacro %}
