{{ config(materialized='incremental', incremental_strategy='append') }}
-- Grain: province × city × district × address as a source writes them, '' for none.
-- Codes of the divisions that columns and text name together, and what is left of the address without them: folded,
-- the building, staircase and room apart. A pure function of the text, so what is here stays. Codes are NULL where the
-- text names no division of today, or one that could be several (鼓楼区 alone).
-- depends_on: {{ ref('id_record_change') }}
with addresses as (
    select distinct
        coalesce(address, '') as address,
        {{ place_columns() }}
    from {{ changed_customers() }} as customers
    where coalesce(province, city, district, address) is not null
),

unknown as {{ computed_first() }} (
    select addresses.*
    from addresses
    {%- if is_incremental() %}
    where not exists (
        select 1
        from {{ this }} as known
        where {{ is_same_address('known', 'addresses') }}
    )
    {%- endif %}
),

division_names as (
    select head, options from {{ ref('id_division_name') }}
),

texts as {{ computed_first() }} (
    select
        unknown.*,
        {{ address_text('unknown.address', 'lists.simplified') }} as rest
    from unknown
    cross join {{ character_lists() }} as lists
),

placed as (
    select
        texts.*,
        places.scope as known,
        places.rest as place
    from texts
    inner join {{ ref('id_place') }} as places
        on {{ is_same_place('places', 'texts') }}
),

read_0 as (
    select
        *,
        '' as scope
    from placed
),
{% for n in range(3) %}
found_{{ n }} as (
    select
        texts.*,
        {{ division_at_start('division_names.options', 'texts.rest', 'texts.scope', 'texts.known') }} as option
    from read_{{ n }} as texts
    left join division_names on left(texts.rest, 2) = division_names.head
),

read_{{ n + 1 }} as (
    select
        province,
        city,
        district,
        address,
        known,
        place,
        {{ deeper('option.scope', 'scope') }} as scope,
        coalesce(substr(rest, 1 + length(option.name)), rest) as rest
    from found_{{ n }}
),
{% endfor %}
whole as (
    select
        *,
        {{ deeper('scope', 'known') }} as division,
        {{ with_digits("case when left(rest, length(place)) = place then rest else place || rest end") }} as detail
    from read_3
),

cut as (
    select
        *,
        {{ unit_text('detail') }} as unit
    from whole
),

outside as (
    select
        *,
        {{ without_ending('detail', 'unit') }} as outside
    from cut
),

left_over as (
    select
        outside.*,
        case when nowhere.placeholder is null and {{ names_a_place('outside.outside') }} then outside.outside end
            as address_detail
    from outside
    left join {{ ref('placeholder_values') }} as nowhere
        on nowhere.kind = 'address' and outside.detail = nowhere.placeholder
)

select
    province,
    city,
    district,
    address,
    case when division <> '' then left(division, 2) || '0000' end as province_code,
    {{ city_code('division') }} as city_code,
    case when length(division) > 4 then division end as county_code,
    address_detail,
    {{ place_behind_number('address_detail') }} as address_place,
    {{ regexp_replace_all(regexp_replace_all('unit', '[^0-9a-z]+', '-'), '-$', '') }} as address_unit
from left_over
