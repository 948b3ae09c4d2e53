{#- Aggregates whose name or order differs between engines. -#}

{% macro percentile_of(value, share) %}
    {#- Interpolated percentile, the share a number of 0 to 1; NULLs are left out. -#}
    {{- return(adapter.dispatch('percentile_of', 'liucun')(value, share)) -}}
{% endmacro %}

{% macro duckdb__percentile_of(value, share) -%}
    quantile_cont({{ value }}, {{ share }})
{%- endmacro %}


{% macro join_distinct(value, separator) %}
    {#- The distinct texts of a group in ascending order, joined by a plain separator; NULL for none. -#}
    {{- return(adapter.dispatch('join_distinct', 'liucun')(value, separator)) -}}
{% endmacro %}

{% macro duckdb__join_distinct(value, separator) -%}
    string_agg(distinct {{ value }}, '{{ separator }}' order by {{ value }})
{%- endmacro %}
