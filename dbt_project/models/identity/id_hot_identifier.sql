-- Grain: identifier that more names share than one customer can have.
-- A salesman's phone on thirty shops, the number of the till, a default e-mail: whoever holds it is found otherwise.
-- Names that sound alike count once, or every slip of a pen would help to make a number hot.
with identifiers as (
    {%- for identifier in shared_identifiers() %}
    select
        '{{ identifier }}' as identifier_type,
        {{ identifier }} as identifier,
        coalesce(name_pinyin, name_key) as name
    from {{ ref('id_record') }}
    where {{ identifier }} is not null
    {{- '\n\n    union all\n' if not loop.last }}
    {%- endfor %}
)

select
    cast(identifier_type as varchar) as identifier_type,
    cast(identifier as varchar) as identifier,
    count(distinct name) as name_count,
    count(*) as record_count
from identifiers
group by identifier_type, identifier
having count(distinct name) > {{ var('hot_identifier_names') }}
