{% macro computed_first() %}
    {#-
        Behind the "as" of a step: its rows are computed before anything joins them. Without it DuckDB may join first,
        and copy a list of all characters into every row of a hash table.
    -#}
    {{- return(adapter.dispatch('computed_first', 'liucun')()) -}}
{% endmacro %}

{% macro duckdb__computed_first() -%}
    materialized
{%- endmacro %}
