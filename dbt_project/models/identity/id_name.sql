{{ config(materialized='view') }}
-- Grain: name as a source writes it × whether it is a company's.
-- Every name taken apart, whatever its script. name_pinyin holds both parts in alphabetical order, so that it does
-- not matter which of them a name in letters puts first; it is NULL where a part is missing.
with people as (
    select * from {{ ref('id_name_han') }}
    union all
    select * from {{ ref('id_name_words') }}
),

companies as (
    select * from {{ ref('id_name_company') }}
)

select
    name,
    false as is_company,
    name_key,
    {{ joined_name_parts('surname_pinyin', 'given_pinyin') }} as name_pinyin,
    surname_key,
    given_key,
    surname_pinyin,
    given_pinyin,
    name_title,
    surname_key is null or given_key is null as is_name_partial,
    cast(null as varchar) as company_core,
    cast(null as varchar) as store_token
from people
union all
select
    name,
    true as is_company,
    name_key,
    core_pinyin || coalesce(' ' || token_pinyin, '') as name_pinyin,
    cast(null as varchar) as surname_key,
    cast(null as varchar) as given_key,
    cast(null as varchar) as surname_pinyin,
    cast(null as varchar) as given_pinyin,
    cast(null as varchar) as name_title,
    false as is_name_partial,
    company_core,
    store_token
from companies
