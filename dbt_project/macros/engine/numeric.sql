{#- Mathematics within one row. Names given to the running number of a sum are plain text. -#}

{% macro log_gamma(value) %}
    {#- Logarithm of the gamma function, for positive values. -#}
    {{- return(adapter.dispatch('log_gamma', 'liucun')(value)) -}}
{% endmacro %}

{% macro duckdb__log_gamma(value) -%}
    lgamma({{ value }})
{%- endmacro %}


{% macro nested_sum(count, name, ratio) %}
    {#-
        1 + q(1) * (1 + q(2) * (1 + ... q(count))): the sum of a series whose terms have the ratios q, an expression in
        which the running number goes by the name. Innermost first, so that small terms are not lost. The count may
        differ from row to row.
    -#}
    {{- return(adapter.dispatch('nested_sum', 'liucun')(count, name, ratio)) -}}
{% endmacro %}

{% macro duckdb__nested_sum(count, name, ratio) -%}
    list_reduce(
        range(cast({{ count }} as bigint), 0, -1),
        lambda inner_sum, {{ name }}: 1 + {{ ratio }} * inner_sum,
        cast(1 as double)
    )
{%- endmacro %}


{% macro sum_over(count, name, term) %}
    {#- The sum of an expression over a running number of 1 to the count, in that order, as a double. -#}
    {{- return(adapter.dispatch('sum_over', 'liucun')(count, name, term)) -}}
{% endmacro %}

{% macro duckdb__sum_over(count, name, term) -%}
    list_sum(list_transform(range(1, 1 + {{ count }}), lambda {{ name }}: cast({{ term }} as double)))
{%- endmacro %}
