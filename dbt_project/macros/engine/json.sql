{% macro json_text(value, key) %}
    {#- The text under a top-level key of a JSON object (unquoted), NULL where it is missing, null or not JSON. -#}
    {{- return(adapter.dispatch('json_text', 'liucun')(value, key)) -}}
{% endmacro %}

{% macro duckdb__json_text(value, key) -%}
    json_extract_string(case when json_valid({{ value }}) then {{ value }} end, '$."{{ key }}"')
{%- endmacro %}
