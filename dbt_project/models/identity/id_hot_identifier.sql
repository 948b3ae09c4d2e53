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
),

common as (
    select
        identifier_type,
        identifier
    from identifiers
    group by identifier_type, identifier
    having count(*) > {{ var('hot_identifier_names') }}
)

select
    cast(identifiers.identifier_type as varchar) as identifier_type,
    cast(identifiers.identifier as varchar) as identifier,
    count(distinct identifiers.name) as name_count,
    count(*) as record_count
from identifiers
inner join common
    on identifiers.identifier_type = common.identifier_type
    and identifiers.identifier = common.identifier
group by identifiers.identifier_type, identifiers.identifier
having count(distinct identifiers.name) > {{ var('hot_identifier_names') }}
