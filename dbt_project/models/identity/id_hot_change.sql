-- Grain: identifier that more names share than one customer can have, in this run or in the one before.
-- Where an identifier has become hot or is so no more, the features of all who hold it change.
-- Names that sound alike count once, or every slip of a pen would help to make a number hot.
{% set before = continued('id_hot_identifier') -%}
with today as (
    {%- for identifier in shared_identifiers() %}
    select
        '{{ identifier }}' as identifier_type,
        {{ identifier }} as identifier,
        count(distinct coalesce(name_pinyin, name_key)) as name_count,
        count(*) as record_count
    from {{ ref('id_record') }}
    where {{ identifier }} in (
        select {{ identifier }}
        from {{ ref('id_record') }}
        where {{ identifier }} is not null
        group by {{ identifier }}
        having count(*) > {{ var('hot_identifier_names') }}
    )
    group by {{ identifier }}
    having count(distinct coalesce(name_pinyin, name_key)) > {{ var('hot_identifier_names') }}
    {{- '\n\n    union all\n' if not loop.last }}
    {%- endfor %}
),

known as (
    {%- if before %}
    select identifier_type, identifier from {{ before }}
    {%- else %}
    select identifier_type, identifier from today where false
    {%- endif %}
)

select
    cast(coalesce(today.identifier_type, known.identifier_type) as varchar) as identifier_type,
    cast(coalesce(today.identifier, known.identifier) as varchar) as identifier,
    today.name_count,
    today.record_count,
    today.identifier is not null as is_hot,
    known.identifier is not null as was_hot
from today
full join known on today.identifier_type = known.identifier_type and today.identifier = known.identifier
