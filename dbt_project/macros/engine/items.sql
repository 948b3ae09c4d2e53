{% macro each_item(values) %}
    {#- For a select list: one row per element of a list. -#}
    {{- return(adapter.dispatch('each_item', 'liucun')(values)) -}}
{% endmacro %}

{% macro duckdb__each_item(values) -%}
    unnest({{ values }})
{%- endmacro %}


{% macro lowest_values(value, ordering, count) %}
    {#- Aggregate: the values, NULLs left out, of the rows that come first in a column's order, as a list; so many. -#}
    {{- return(adapter.dispatch('lowest_values', 'liucun')(value, ordering, count)) -}}
{% endmacro %}

{% macro duckdb__lowest_values(value, ordering, count) -%}
    min_by({{ value }}, {{ ordering }}, {{ count }})
{%- endmacro %}
