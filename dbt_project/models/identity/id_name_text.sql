{{ config(materialized='incremental', incremental_strategy='append') }}
-- Grain: name as a source writes it × whether it is a company's.
-- What taking a name apart starts from: width folded, lower case, simplified characters; of people without notes
-- in brackets. The script says who takes it apart; NULL for what names nobody: a placeholder, a title alone, no
-- letter at all. A pure function of the name, so what is here stays.
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
            else {{ without_notes('folded.text') }}
        end as text
    from folded
    left join nobodies on {{ without_signs('folded.text') }} = nobodies.placeholder
)

select
    name,
    is_company,
    case
        when text is null then null
        when is_company then 'company'
        when {{ has_han('text') }} then 'han'
        else 'words'
    end as script,
    text
from written
