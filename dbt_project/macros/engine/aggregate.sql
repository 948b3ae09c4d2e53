{#- Aggregates whose name or order differs between engines. -#}

{% macro percentile(value, share) %}
    {#- Interpolated percentile, the share a number of 0 to 1; NULLs are left out. -#}
    {{- return(adapter.dispatch('percentile', 'liucun')(value, share)) -}}
{% endmacro %}

{% macro duckdb__percentile(value, share) -%}
    quantile_cont({{ value }}, {{ share }})
{%- endmacro %}


{% macro join_distinct(value, separator) %}
    {#- The distinct texts of a group in ascending order, joined by a plain separator; NULL for none. -#}
    {{- return(adapter.dispatch('join_distinct', 'liucun')(value, separator)) -}}
{% endmacro %}

{% macro duckdb__join_distinct(value, separator) -%}
    string_agg(distinct {{ value }}, '{{ separator }}' order by {{ value }})
{%- endmacro %}
