-- Grain: source × entity, of the entities that reconciliation compares: those staged row by row from one raw object,
-- and those whose figures it shows, whatever they are staged from.
-- object is the first raw object that the staging model names: the row of mart_reconciliation that carries the figures.
{% set counted = [] -%}
{%- set shown = ['customers', 'orders', 'order_lines', 'cases', 'feedback'] -%}
{%- for entity, providers in var('entities').items() -%}
    {%- for provider in providers -%}
        {%- set staged = ref('stg_' ~ provider ~ '__' ~ entity) -%}
        {%- if entity == 'customers' -%}
            {#- The same rows, and gathered already. -#}
            {%- set staged = ref('id_record') ~ " where source = '" ~ provider ~ "'" -%}
        {%- endif -%}
        {%- set objects = raw_objects_read_by(provider, entity) -%}
        {%- set is_row_by_row = stages_row_by_row(provider, entity) -%}
        {%- if is_row_by_row or (objects and entity in shown) -%}
            {%- do counted.append((provider, entity, staged, objects[0], is_row_by_row)) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endfor -%}
{%- for provider, entity, staged, object, is_row_by_row in counted %}
select
    cast('{{ provider }}' as varchar) as source,
    cast('{{ entity }}' as varchar) as entity,
    cast('{{ object }}' as varchar) as object,
    cast({{ is_row_by_row | lower }} as boolean) as is_row_by_row,
    cast(count(*) as bigint) as staged_count,
    cast(coalesce(sum(case when is_deleted then 1 else 0 end), 0) as bigint) as deleted_count
from {{ staged }}
{{- '\n\nunion all\n' if not loop.last }}
{%- else %}
select
    cast(null as varchar) as source,
    cast(null as varchar) as entity,
    cast(null as varchar) as object,
    cast(null as boolean) as is_row_by_row,
    cast(null as bigint) as staged_count,
    cast(null as bigint) as deleted_count
where false
{%- endfor %}
