{{ config(materialized='incremental', incremental_strategy='append') }}
-- Grain: name of a person in Chinese characters, as a source writes it.
-- The title comes off the end (王先生), then a surname of one character or a listed one of two. With dots
-- (买买提·艾力) the given name comes first. A surname alone is partial (王先生, 老王), and so is a pet name (阿强), of which
-- neither part is known. Letters beside the characters (Kevin 张伟) count for name_key alone.
with unknown as (
    select
        names.name,
        names.text,
        {{ han_text('names.text') }} as han
    from {{ ref('id_name_text') }} as names
    where
        names.script = 'han'
        {%- if is_incremental() %}
        and names.name not in (select known.name from {{ this }} as known)
        {%- endif %}
),

titles as (
    select title, place, needs_surname from {{ ref('name_titles') }}
),

surnames as (
    select surname, reading from {{ ref('surname_readings') }}
),

endings as (
    select
        right(title, 1) as ending,
        {{ ordered_list('case when not needs_surname then title end', 'length(title) desc nulls last') }} as titles,
        {{ ordered_list('case when needs_surname then title end', 'length(title) desc nulls last') }} as short_titles
    from titles
    where place = 'after'
    group by right(title, 1)
),

titled as (
    select
        unknown.*,
        compound.surname as compound,
        {{ han_title('unknown.han', 'compound.surname', 'endings.titles', 'endings.short_titles') }} as title
    from unknown
    left join endings on right(unknown.han, 1) = endings.ending
    left join surnames as compound on left(unknown.han, 2) = compound.surname and length(compound.surname) = 2
),

cores as (
    select
        *,
        left(han, length(han) - coalesce(length(title), 0)) as core
    from titled
),

parted as (
    select
        cores.*,
        before.title as prefix,
        case
            when instr(cores.core, '·') > 0 then {{ regexp_extract('cores.core', '([^·]+)$') }}
            when before.title is not null then known.surname
            when length(cores.core) > 1 then coalesce(cores.compound, left(cores.core, 1))
            else cores.core
        end as surname_key
    from cores
    left join titles as before
        on left(cores.core, 1) = before.title and before.place = 'before' and length(cores.core) = 2
    left join surnames as known on right(cores.core, 1) = known.surname
),

keyed as (
    select
        *,
        case
            when prefix is not null then null
            when instr(core, '·') > 0 then replace(left(core, length(core) - length(surname_key)), '·', '')
            else nullif(substr(core, length(surname_key) + 1), '')
        end as given_key,
        {{ without_signs('text') }} as whole
    from parted
),

read as {{ computed_first() }} (
    select
        keyed.*,
        surnames.reading
    from keyed
    left join surnames on keyed.surname_key = surnames.surname
)

select
    read.name,
    case
        when read.prefix is not null then coalesce(read.surname_key, read.core)
        when {{ ends_with_more('read.whole', 'read.title') }}
            then left(read.whole, length(read.whole) - length(read.title))
        else read.whole
    end as name_key,
    read.surname_key,
    read.given_key,
    coalesce(read.reading, {{ in_characters('read.surname_key', 'lists.readings') }}) as surname_pinyin,
    {{ in_characters('read.given_key', 'lists.readings') }} as given_pinyin,
    coalesce(read.title, read.prefix) as name_title
from read
cross join {{ character_lists() }} as lists
