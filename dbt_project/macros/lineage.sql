{% macro raw_objects_read_by(source_name, entity) %}
    {#- Names of the raw objects of its source that a staging model reads, in the order in which its SQL names them. -#}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- set prefix = 'source.liucun.' ~ source_name ~ '.' -%}
        {%- set model = graph.nodes['model.liucun.stg_' ~ source_name ~ '__' ~ entity] -%}
        {%- for node in model.depends_on.nodes if node.startswith(prefix) -%}
            {%- do names.append(node[prefix | length:]) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(names) }}
{% endmacro %}


{% macro stages_row_by_row(source_name, entity) %}
    {#-
        Whether a staging model's rows can be held against those of its raw object: it reads one object alone, and its
        YAML does not say `meta: {row_by_row: false}`, as that of a model that leaves rows out or gathers them must.
    -#}
    {%- if not execute -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set model = graph.nodes['model.liucun.stg_' ~ source_name ~ '__' ~ entity] -%}
    {%- set one_object = raw_objects_read_by(source_name, entity) | length == 1 -%}
    {{ return(one_object and model.config.meta.get('row_by_row', true)) }}
{% endmacro %}
