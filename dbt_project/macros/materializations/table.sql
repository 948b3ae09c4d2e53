{#-
    A table is dropped and made again in one transaction. dbt's own way, which serves readers of the same database,
    builds it under another name, renames twice and drops the old one: nobody reads this database, and with two hundred
    small tables the renames took an eighth of a build. Killed half way, DuckDB keeps the table as it was.
    A Python model writes through a connection of its own, which must find the old table gone.
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
        {{ create_table_as(False, target, compiled_code, model['language']) }}
    {%- endcall %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% if is_sql %}
        {{ adapter.commit() }}
    {% endif %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
