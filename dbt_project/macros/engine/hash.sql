{% macro row_hash(values) %}
    {#- A number for several values of any type, NULLs told apart; sixty-four bits. Only for comparing within one
        warehouse: engines differ. -#}
    {{- return(adapter.dispatch('row_hash', 'liucun')(values)) -}}
{% endmacro %}

{% macro duckdb__row_hash(values) -%}
    cast(hash({{ values | join(', ') }}) as ubigint)
{%- endmacro %}
