{{ config(materialized='incremental', incremental_strategy='append') }}
-- Grain: name of a person in Chinese characters, as a source writes it.
-- The title comes off the end (王先生), then a surname of one character or a listed one of two. With dots
-- (买买提·艾力) the given name comes first. Partial is a surname alone (王先生, 老王), a name with characters hidden (王*明, 王某),
-- and a pet name (阿强, 丽丽, 建国) or a relative's (王小明妈妈), of which neither part is known. Letters beside the characters
-- (Kevin 张伟) count for name_key alone.
with unknown as (
    select
        names.name,
        {{ without_signs('names.text') }} as whole,
        {{ han_text('names.text') }} as han
    from {{ ref('id_name_text') }} as names
    where
        names.script = 'han'
        {%- if is_incremental() %}
        and names.name not in (select known.name from {{ this }} as known)
        {%- endif %}
),

titles as (
    select title, place, needs_surname, is_relative from {{ ref('name_titles') }}
),

surnames as (
    select surname, reading from {{ ref('surname_readings') }}
),

endings as (
    select
        right(title, 1) as ending,
        {{ ordered_list('case when not needs_surname then title end', longest_first('title')) }} as titles,
        {{ ordered_list('case when needs_surname then title end', longest_first('title')) }} as short_titles
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
        titled.*,
        instr(titled.han, '*') > 0 as is_hidden,
        coalesce({{ regexp_extract(without_ending('titled.han', 'titled.title'), '^([^*]*[^*·])') }}, '') as core,
        said.is_relative
    from titled
    left join titles as said on titled.title = said.title and said.place = 'after'
),

parted as (
    select
        cores.*,
        case when not cores.is_hidden then before.title end as prefix,
        case
            when cores.is_relative and length(cores.core) > coalesce(length(cores.compound), 1) then null
            when cores.is_hidden then coalesce(cores.compound, listed.surname)
            when instr(cores.core, '·') > 0
                then coalesce(dotted.surname, {{ regexp_extract('cores.core', '([^·]+)$') }})
            when before.title is not null then case when length(cores.core) = 2 then known.surname end
            when {{ is_pet_name('cores.core', 'coalesce(listed.surname, compound)', 'cores.title') }} then null
            when length(cores.core) > 1 then coalesce(cores.compound, left(cores.core, 1))
            else cores.core
        end as surname_key
    from cores
    left join titles as before
        on left(cores.core, 1) = before.title and before.place = 'before' and length(cores.core) in (2, 3)
    left join surnames as known on right(cores.core, 1) = known.surname
    left join surnames as listed on left(cores.core, 1) = listed.surname
    left join surnames as dotted on left(cores.core, instr(cores.core, '·') - 1) = dotted.surname
),

keyed as (
    select
        parted.*,
        case
            when parted.is_hidden or parted.prefix is not null or called.title is not null then null
            when instr(parted.core, '·') > 0 then {{ other_part('parted.core', 'parted.surname_key') }}
            else nullif(substr(parted.core, length(parted.surname_key) + 1), '')
        end as given_key,
        parted.is_hidden or called.title is not null as is_cut
    from parted
    left join titles as called
        on substr(parted.core, length(parted.surname_key) + 1) = called.title
        and called.place = 'after'
        and not called.needs_surname
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
        when read.is_relative and read.surname_key is null then read.whole
        when read.is_cut or read.prefix is not null then coalesce(read.surname_key, nullif(read.core, ''), read.han)
        when instr(read.whole, replace(read.han, '·', '')) > 0
            then replace(read.whole, replace(read.han, '·', ''), replace(read.core, '·', ''))
        else read.whole
    end as name_key,
    read.surname_key,
    read.given_key,
    coalesce(read.reading, {{ in_characters('read.surname_key', 'lists.readings') }}) as surname_pinyin,
    {{ in_characters('read.given_key', 'lists.readings') }} as given_pinyin,
    coalesce(read.title, read.prefix) as name_title
from read
cross join {{ character_lists() }} as lists
