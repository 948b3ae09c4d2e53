{#-
    A table is dropped and made again in one transaction. dbt's own way, which serves readers of the same database,
    builds it under another name, renames twice and drops the old one: nobody reads this database, and with two hundred
    small tables the renames took an eighth of a build. Killed half way, DuckDB keeps the table as it was.
    A Python model writes through a connection of its own, which must find the old table gone.
    A contract is held against the table that was made, before it is committed: dbt's own way plans the query twice more
    to learn its columns.
-#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set is_sql = model['language'] == 'sql' -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if existing is not none %}
        {%- call statement('drop_existing', auto_begin=is_sql) -%}
            drop {{ existing.type }} if exists {{ existing }}
        {%- endcall %}
    {%- endif %}
    {%- call statement('main', language=model['language']) -%}
        {%- if is_sql %}
            create table {{ target }} as (
                {{ compiled_code }}
            )
        {%- else %}
            {{ create_table_as(False, target, compiled_code, model['language']) }}
        {%- endif %}
    {%- endcall %}
    {%- if config.get('contract').enforced %}
        {{ hold_contract(target, model['columns']) }}
    {%- endif %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% if is_sql %}
        {{ adapter.commit() }}
    {% endif %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- Raises where the table has other columns, another order or other types than the model's YAML. -#}
{% macro hold_contract(relation, columns) %}
    {%- set promised = [] -%}
    {%- for column in columns.values() %}
        {%- do promised.append(column.name ~ ' ' ~ column.data_type | lower | replace(', ', ',')) -%}
    {%- endfor %}
    {%- set found = [] -%}
    {%- for row in run_query('select column_name, column_type from (describe ' ~ relation ~ ')').rows %}
        {%- do found.append(row[0] ~ ' ' ~ row[1] | lower | replace('"', '') | replace(', ', ',')) -%}
    {%- endfor %}
    {%- if found != promised %}
        {%- set unlike = [] -%}
        {%- for column in promised + found if column not in promised or column not in found %}
            {%- do unlike.append(column ~ (' (promised)' if column in promised else ' (made)')) -%}
        {%- endfor %}
        {%- do exceptions.raise_compiler_error(
            'The contract of ' ~ relation.identifier ~ ' is not kept: '
            ~ (unlike | join('; ') if unlike else 'the columns stand in another order, ' ~ found | join(', '))
        ) -%}
    {%- endif %}
{% endmacro %}
