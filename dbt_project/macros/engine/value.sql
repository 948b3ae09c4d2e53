{% macro with_value(value, name, expression) %}
    {#-
        An expression that uses a value by a name, so that the value is written and computed once where it is used
        often: `with_value("lower(code)", "word", "case when word like 'a%' then word end")`. SQL has no such thing
        within an expression. Each row costs a list of one: use it in the branch of values that are out of the ordinary.
    -#}
    {{- return(adapter.dispatch('with_value', 'liucun')(value, name, expression)) -}}
{% endmacro %}

{% macro duckdb__with_value(value, name, expression) -%}
    list_transform([{{ value }}], lambda {{ name }}: {{ expression }})[1]
{%- endmacro %}
