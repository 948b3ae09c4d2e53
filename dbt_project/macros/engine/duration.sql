{#- Lengths of time between two timestamps of the same zone. -#}

{% macro seconds_between(start_at, end_at) %}
    {#- Whole seconds from one timestamp to another, negative when the end is earlier (bigint). -#}
    {{- return(adapter.dispatch('seconds_between', 'liucun')(start_at, end_at)) -}}
{% endmacro %}

{% macro duckdb__seconds_between(start_at, end_at) -%}
    date_sub('second', {{ start_at }}, {{ end_at }})
{%- endmacro %}
