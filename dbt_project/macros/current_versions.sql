{% macro current_versions(source_name, object_name) %}
    {#-
        The newest version of every key of one raw object, as a relation: the raw columns and `_is_deleted`.

        delta:    versions of a key order by modified_at, load date, file name and row; a version without a readable
                  stamp, as deletions often are, counts as of its load date.
        snapshot: the newest accepted snapshot, and keys last seen in an earlier one as deleted.
        A deletion says that a key is gone and often nothing else: the row is that of the newest version before it.
        Lines that are replaced together come from the newest load that holds their order.

        Windows run only over keys that occur more than once: ranking every row of a large table takes
        minutes and memory, and nearly all keys occur once.
    -#}
    {%- set raw = source(source_name, object_name) -%}
    {%- set loads = source('ledger', 'loads') -%}
    {%- set facts = raw_object_facts(source_name, object_name) -%}
    {%- set keys = facts.primary_key -%}
    {%- set together = facts.replace_together -%}
    {%- set newest_load -%}
        (
            select max_by(load_id, load_date)
            from {{ loads }}
            where source = '{{ source_name }}' and object = '{{ object_name }}' and is_in_force
        )
    {%- endset -%}
    {%- set standing = raw -%}
    {%- if facts.mode == 'snapshot' -%}
        {%- set standing -%}
        (
            select * from {{ raw }} where _load_id = {{ newest_load }}
            union all
            select * from {{ raw }} as earlier
            where
                _load_id <> {{ newest_load }}
                and not exists (
                    select 1 from {{ raw }} as newest
                    where newest._load_id = {{ newest_load }} and {{ same_key('earlier', 'newest', keys) }}
                )
        )
        {%- endset -%}
    {%- endif -%}
    (
        with repeated as (
            select {{ keys | join(', ') }}
            from {{ standing }} as versions
            group by {{ keys | join(', ') }}
            having count(*) > 1
        ),

        ordered as (
            select
                versions._load_id,
                versions._file,
                versions._row,
                versions._op,
                {% for key in keys %}versions.{{ key }}, {% endfor %}
                row_number() over (
                    partition by {% for key in keys %}versions.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
                    order by
                        {% if facts.mode == 'snapshot' or together -%}
                        versions._load_date desc nulls last,
                        {% endif -%}
                        {% if facts.modified_at -%}
                        coalesce(
                            {{ to_utc_timestamp('cast(versions.' ~ facts.modified_at ~ ' as varchar)', 'UTC') }},
                            cast(versions._load_date as timestamp)
                        ) desc nulls last,
                        {% endif -%}
                        versions._load_date desc nulls last,
                        versions._file desc nulls last,
                        versions._row desc nulls last
                ) as version_age
            from {{ standing }} as versions
            inner join repeated on {{ same_key('versions', 'repeated', keys) }}
        ),

        ranked as (
            select
                _load_id,
                _file,
                _row,
                min_by(_op, version_age) over key_versions as newest_op,
                row_number() over (
                    partition by {{ keys | join(', ') }}
                    order by
                        {% if facts.mode == 'delta' and not together %}case when _op = 'delete' then 1 else 0 end asc nulls last, {% endif -%}
                        version_age asc nulls last
                ) as version_rank
            from ordered
            window key_versions as (partition by {{ keys | join(', ') }})
        ),
        {%- if together %}

        newest_holders as (
            select {{ together | join(', ') }}, max(_load_date) as newest_load_date
            from {{ standing }} as versions
            group by {{ together | join(', ') }}
            having min(_load_date) <> max(_load_date)
        ),
        {%- endif %}

        superseded as (
            select _load_id, _file, _row from ranked where version_rank > 1
            {%- if together %}
            union
            select versions._load_id, versions._file, versions._row
            from {{ standing }} as versions
            inner join newest_holders
                on {{ same_key('versions', 'newest_holders', together) }}
                and versions._load_date < newest_holders.newest_load_date
            {%- endif %}
        )

        select
            versions.*,
            coalesce(ranked.newest_op, versions._op) = 'delete'
            {%- if facts.mode == 'snapshot' %} or versions._load_id <> {{ newest_load }}{% endif %} as _is_deleted
        from {{ standing }} as versions
        left join superseded
            on versions._row = superseded._row
            and versions._load_id = superseded._load_id
            and versions._file = superseded._file
        left join ranked
            on versions._row = ranked._row
            and versions._load_id = ranked._load_id
            and versions._file = ranked._file
        where superseded._row is null
    )
{%- endmacro %}


{% macro same_key(left, right, columns) -%}
    {#- Whether two rows have the same key; parts of a key that are not required may be NULL in both. -#}
    {%- for column in columns -%}
    {{ left }}.{{ column }} is not distinct from {{ right }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{% macro raw_object_facts(source_name, object_name) %}
    {#- Primary key, mode and the like, as sources/<source>.yml says (carried by the generated dbt source). -#}
    {%- set nothing = {'primary_key': ['_row'], 'mode': 'delta', 'modified_at': none, 'replace_together': []} -%}
    {%- if not execute -%}
        {{ return(nothing) }}
    {%- endif -%}
    {%- set node = graph.sources['source.liucun.' ~ source_name ~ '.' ~ object_name] -%}
    {{ return(node.config.meta or node.meta) }}
{% endmacro %}
