{{ config(materialized='incremental', incremental_strategy='append') }}
-- Grain: name as a source writes it × whether it is a company's.
-- What taking a name apart starts from: width folded, lower case, simplified characters; of people without notes
-- in brackets, a title always behind the name (经理王伟 is 王伟经理). The script says who takes it apart (letters beside a
-- title alone, Wang先生, are words); NULL for what names nobody: a placeholder, a title alone, no letter at all. A pure
-- function of the name, so what is here stays.
-- depends_on: {{ ref('id_record_change') }}
with names as (
    select distinct
        name,
        {{ is_company_name('kind', 'name') }} as is_company
    from {{ changed_customers() }} as customers
    where name is not null
),

unknown as {{ computed_first() }} (
    select names.*
    from names
    {%- if is_incremental() %}
    left join {{ this }} as known on names.name = known.name and names.is_company = known.is_company
    where known.name is null
    {%- endif %}
),

nobodies as (
    select placeholder
    from {{ ref('placeholder_values') }}
    where kind = 'name'
    union
    select title as placeholder from {{ ref('name_titles') }}
),

titles as (
    select distinct title, left(title, 1) as beginning from {{ ref('name_titles') }}
),

beginnings as (
    select
        beginning,
        {{ ordered_list('title', longest_first('title')) }} as titles
    from titles
    where length(title) > 1
    group by beginning
),

surnames as (
    select distinct left(surname, 1) as character from {{ ref('surname_readings') }}
),

folded as {{ computed_first() }} (
    select
        unknown.name,
        unknown.is_company,
        {{ in_characters('lower(' ~ fold_width('unknown.name') ~ ')', 'lists.simplified') }} as text
    from unknown
    cross join {{ character_lists() }} as lists
),

written as (
    select
        folded.name,
        folded.is_company,
        case
            when nobodies.placeholder is not null or {{ is_no_name('folded.text') }} then null
            when folded.is_company then {{ strip_blanks('folded.text') }}
            when titles.title is not null and {{ regexp_matches('folded.text', '[a-z]') }}
                then {{ regexp_replace_all(without_notes('folded.text'), '[〇㐀-鿿豈-﫿𠀀-𲎯]+', ' ') }} || ' ' || titles.title
            else {{ without_notes('folded.text') }}
        end as text,
        titles.title as lone_title
    from folded
    left join titles on {{ han_text(without_notes('folded.text')) }} = titles.title
    left join nobodies on {{ without_signs('folded.text') }} = nobodies.placeholder
),

begun as (
    select
        written.*,
        {{ first_match('beginnings.titles', 'title', starts_with_more('written.text', 'title')) }} as first_title
    from written
    left join beginnings on left(written.text, 1) = beginnings.beginning and not written.is_company
),

ordered as (
    select
        begun.name,
        begun.is_company,
        begun.lone_title,
        case
            when surnames.character is null then begun.text
            else substr(begun.text, length(begun.first_title) + 1) || begun.first_title
        end as text
    from begun
    left join surnames
        on left({{ han_text('substr(begun.text, length(begun.first_title) + 1)') }}, 1) = surnames.character
)

select
    name,
    is_company,
    case
        when text is null then null
        when is_company then 'company'
        when {{ has_han('text') }} and lone_title is null then 'han'
        else 'words'
    end as script,
    text
from ordered
