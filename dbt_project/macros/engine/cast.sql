{#- Casts that give NULL instead of failing. Engines differ in what they accept: test the shape first. -#}

{% macro try_cast(value, type) %}
    {#-
        The value as the type, NULL where it cannot be.
        Casting '12.7' to an integer rounds here and truncates elsewhere: use to_integer() for such texts.
    -#}
    {{- return(adapter.dispatch('try_cast', 'liucun')(value, type)) -}}
{% endmacro %}

{% macro duckdb__try_cast(value, type) -%}
    try_cast({{ value }} as {{ type }})
{%- endmacro %}
