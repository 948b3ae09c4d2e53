{% macro erased_customer() -%}
    {#-
        The customer of what people left who were erased, one in every source. It is nobody's record: a model that
        gathers customers from orders leaves it out. Ingest and `liucun erase` write it (orchestration/erasure/rules.py).
    -#}
    'erased'
{%- endmacro %}
