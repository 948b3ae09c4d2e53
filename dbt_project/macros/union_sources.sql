{% macro union_sources(entity) %}
    {#-
        The records of one entity from every source of the warehouse, as a relation with the canonical columns.

        Which sources stage the entity is known from the files under models/staging; what a source's staging model
        does not have becomes a typed NULL, so that adding a source edits no model.
    -#}
    {%- set columns = var('entity_columns').get(entity, {}) -%}
    {%- set providers = var('entities').get(entity, []) -%}
    {%- set technical = {'source': 'varchar', 'is_deleted': 'boolean', '_load_id': 'varchar', '_load_date': 'date'} -%}
    {%- set relations = [] -%}
    {%- for provider in providers -%}
        {%- do relations.append(ref('stg_' ~ provider ~ '__' ~ entity)) -%}
    {%- endfor -%}
    (
    {%- for provider in providers %}
        {%- set model = 'model.liucun.stg_' ~ provider ~ '__' ~ entity %}
        {%- set staged = graph.nodes[model].columns.keys() | list if execute else [] %}
        select
            cast('{{ provider }}' as varchar) as source,
            {%- for name, type in columns.items() if name not in technical %}
            {% if name in staged %}{{ name }}{% else %}cast(null as {{ type }}) as {{ name }}{% endif %},
            {%- endfor %}
            {% if 'is_deleted' in staged %}is_deleted{% else %}false as is_deleted{% endif %},
            {% if '_load_id' in staged %}_load_id{% else %}cast(null as varchar) as _load_id{% endif %},
            {% if '_load_date' in staged %}_load_date{% else %}cast(null as date) as _load_date{% endif %}
        from {{ relations[loop.index0] }}
        {{- '\n        union all' if not loop.last }}
    {%- else %}
        select
            {%- for name, type in columns.items() if name not in technical %}
            cast(null as {{ type }}) as {{ name }},
            {%- endfor %}
            {%- for name, type in technical.items() %}
            cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        where false
    {%- endfor %}
    )
{%- endmacro %}
