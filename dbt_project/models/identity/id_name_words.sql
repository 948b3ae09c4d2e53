{{ config(materialized='incremental', incremental_strategy='append') }}
-- Grain: name of a person in letters, as a source writes it.
-- Titles come off either end (Mr. Wang, Wang Xiansheng). The surname stands before a comma; else it is the commoner
-- Chinese surname of the first and the last word (Zhang Wei, Wei Zhang), else the last word (Mary Jane Smith). A single
-- word is partial: a surname if it is a Chinese one, else a given name. So is a surname with initials (Wang X.M.).
with words as (
    select
        names.name,
        {{ word_text('names.text') }} as text
    from {{ ref('id_name_text') }} as names
    where
        names.script = 'words'
        {%- if is_incremental() %}
        and names.name not in (select known.name from {{ this }} as known)
        {%- endif %}
),

titles as (
    select title from {{ ref('name_titles') }}
),

surnames as (
    select
        reading,
        min(coalesce(commonness_rank, 999)) as place,
        max(length(surname)) as character_count
    from {{ ref('surname_readings') }}
    group by reading
),

ends as (
    select
        words.*,
        {{ regexp_extract('words.text', '^([^ ,]+)[ ,]') }} as first_word,
        {{ regexp_extract('words.text', '[ ,]([^ ,]+)$') }} as last_word
    from words
),

untitled as (
    select
        ends.name,
        coalesce(before.title, after.title) as title,
        {{ without_ends('ends.text', 'before.title', 'after.title') }} as text
    from ends
    left join titles as before
        on ends.first_word = before.title and before.title not in (select surnames.reading from surnames)
    left join titles as after on ends.last_word = after.title
),

ranked as (
    select
        *,
        {{ regexp_extract('text', '^([^ ,]+)') }} as first_word,
        {{ regexp_extract('text', '([^ ,]+)$') }} as last_word,
        {{ regexp_extract('text', '^([^ ,]+ [^ ,]+) ') }} as first_words,
        {{ regexp_extract('text', '^(.*),') }} as before_comma,
        {{ regexp_matches('text', '^[^ ,]+$') }} as is_single
    from untitled
),

parted as (
    select
        ranked.*,
        case
            when ranked.is_single then case when first.place is not null then ranked.text end
            when ranked.before_comma is not null then ranked.before_comma
            when compound.reading is not null then ranked.first_words
            when first.place <= coalesce(last.place, 1000) then ranked.first_word
            else ranked.last_word
        end as surname,
        coalesce(
            ranked.before_comma is not null
            or compound.reading is not null
            or first.place <= coalesce(last.place, 1000),
            false
        ) as is_surname_first
    from ranked
    left join surnames as first on ranked.first_word = first.reading
    left join surnames as last on ranked.last_word = last.reading
    left join surnames as compound
        on replace(ranked.first_words, ' ', '') = compound.reading
        and compound.character_count = 2
        and coalesce(first.place, 999) > 100
),

divided as (
    select
        *,
        case
            when is_single and surname is not null then ''
            when is_single then text
            when is_surname_first then substr(text, length(surname) + 1)
            else left(text, length(text) - length(surname))
        end as given
    from parted
),

given as (
    select
        name,
        text,
        title,
        case when length(surname) > 1 or is_single then surname end as surname,
        case when is_single or not {{ is_initials('given') }} then given end as given
    from divided
)

select
    name,
    nullif({{ without_signs('text') }}, '') as name_key,
    {{ without_signs('surname') }} as surname_key,
    nullif({{ without_signs('given') }}, '') as given_key,
    {{ without_signs('surname') }} as surname_pinyin,
    nullif({{ without_signs('given') }}, '') as given_pinyin,
    title as name_title
from given
