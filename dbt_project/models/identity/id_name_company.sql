{{ config(materialized='incremental', incremental_strategy='append') }}
-- Grain: name of a company or store, as a source writes it.
-- Which chain (company_core) and which of its outlets (store_token). The outlet stands in brackets, behind a blank or
-- behind the word for the kind of store: 苏果超市（人民路店）, 苏果超市人民路店; a number needs none (美宜佳003号店). Legal form and trade
-- come off the end of the core (有限公司, 商贸): they are left out too often to tell companies apart.
with unknown as (
    select
        names.name,
        {{ without_signs('names.text') }} as whole,
        {{ without_signs(last_part('names.text')) }} as last_part
    from {{ ref('id_name_text') }} as names
    where
        names.script = 'company'
        {%- if is_incremental() %}
        and names.name not in (select known.name from {{ this }} as known)
        {%- endif %}
),

words as (
    select word, role from {{ ref('store_words') }}
    union all
    select word, part as role from {{ ref('company_words') }}
),

types as (
    select {{ ordered_list('word', 'word nulls last') }} as words
    from words
    where role = 'type'
),

endings as (
    select
        right(word, 1) as last_character,
        {{ ordered_list("case when role in ('branch', 'main') then word end", longest_first('word')) }} as branches,
        {{ ordered_list("case when role = 'type' then word end", longest_first('word')) }} as types,
        {{ ordered_list("case when role = 'form' then word end", longest_first('word')) }} as forms,
        {{ ordered_list("case when role = 'trade' then word end", longest_first('word')) }} as trades
    from words
    group by right(word, 1)
),

ended as (
    select
        unknown.*,
        {{ branch_ending('unknown.last_part', 'of_part.branches', 'of_part.types') }} as apart,
        {{ branch_ending('unknown.whole', 'of_whole.branches', 'of_whole.types') }} as attached
    from unknown
    left join endings as of_part on right(unknown.last_part, 1) = of_part.last_character
    left join endings as of_whole on right(unknown.whole, 1) = of_whole.last_character
),

typed as (
    select
        ended.*,
        case
            when ended.apart is null and ended.attached is not null
                then {{ highest('types.words', 'word', end_of_word('ended.whole', 'word')) }}
        end as type_end
    from ended
    cross join types
),

bounded as (
    select
        typed.*,
        roles.role,
        coalesce(typed.apart, typed.attached) as ending,
        case
            when typed.apart is not null then length(typed.whole) - length(typed.last_part)
            when typed.type_end > 0 then typed.type_end
            when roles.role = 'main' then length(typed.whole) - length(typed.attached)
            else coalesce(
                length({{ numbered_core('left(typed.whole, length(typed.whole) - length(typed.attached))') }}),
                length(typed.whole)
            )
        end as core_length
    from typed
    left join words as roles on coalesce(typed.apart, typed.attached) = roles.word and roles.role in ('branch', 'main')
),

parted as (
    select
        name,
        whole,
        left(whole, core_length) as core,
        case
            when core_length + length(ending) < length(whole)
                then {{ without_ending('substr(whole, core_length + 1)', 'ending') }}
            when core_length < length(whole) and role = 'main' then ending
        end as store_token
    from bounded
),

formless as (
    select
        parted.*,
        {{ cut_longest_ending('parted.core', 'endings.forms') }} as bare
    from parted
    left join endings on right(parted.core, 1) = endings.last_character
),

cored as {{ computed_first() }} (
    select
        formless.name,
        formless.whole,
        {{ cut_longest_ending('formless.bare', 'endings.trades', 2) }} as company_core,
        {{ outlet_key('formless.store_token') }} as store_token
    from formless
    left join endings on right(formless.bare, 1) = endings.last_character
)

select
    cored.name,
    cored.whole as name_key,
    cored.company_core,
    cored.store_token,
    {{ in_characters('cored.company_core', 'lists.readings') }} as core_pinyin,
    {{ in_characters('cored.store_token', 'lists.readings') }} as token_pinyin
from cored
cross join {{ character_lists() }} as lists
