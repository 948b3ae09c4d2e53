-- Grain: identifier that more names share than one customer can have, in this run or in the one before.
-- Where an identifier has become hot or is so no more, the features of all who hold it change.
-- Names that sound alike count once, or every slip of a pen would help to make a number hot. Records without a full
-- name (王先生, or none) are told apart by their places; more of them than a customer can have tell nobody, either.
{% set before = continued('id_hot_identifier') -%}
with held as (
    {%- for identifier in shared_identifiers() %}
    select
        '{{ identifier }}' as identifier_type,
        {{ identifier }} as identifier,
        greatest(
            count(distinct coalesce(name_pinyin, name_key)),
            count(distinct case when name_pinyin is null then address_place end)
        ) as name_count,
        count(*) as record_count,
        count(*) - count(name_pinyin) as unnamed_count
    from {{ ref('id_record') }}
    where {{ identifier }} in (
        select {{ identifier }}
        from {{ ref('id_record') }}
        where {{ identifier }} is not null
        group by {{ identifier }}
        having count(*) > {{ var('hot_identifier_names') }}
    )
    group by {{ identifier }}
    {{- '\n\n    union all\n' if not loop.last }}
    {%- endfor %}
),

today as (
    select *
    from held
    where name_count > {{ var('hot_identifier_names') }} or unnamed_count > {{ var('largest_cluster') }}
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
