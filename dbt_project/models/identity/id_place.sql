{{ config(materialized='incremental', incremental_strategy='append') }}
-- Grain: province × city × district as a source writes them, '' for none.
-- Which division of China the three columns name, whatever stands in which (江苏 | 南京市 | 玄武): their text is read
-- from the left, the longest name that fits first. There are few of them among a million addresses, so it is done here
-- once. What is no division (高新区, a township) is left over for the address.
-- depends_on: {{ ref('id_record_change') }}
with places as (
    select distinct {{ place_columns() }}
    from {{ changed_customers() }} as customers
    where coalesce(province, city, district, address) is not null
),

unknown as {{ computed_first() }} (
    select places.*
    from places
    {%- if is_incremental() %}
    where not exists (
        select 1
        from {{ this }} as known
        where {{ is_same_place('known', 'places') }}
    )
    {%- endif %}
),

division_names as (
    select head, options from {{ ref('id_division_name') }}
),

read_0 as {{ computed_first() }} (
    select
        unknown.*,
        '' as scope,
        {{ address_text('unknown.province || unknown.city || unknown.district', 'lists.simplified') }} as rest
    from unknown
    cross join {{ character_lists() }} as lists
),
{% for n in range(6) %}
found_{{ n }} as (
    select
        places.*,
        {{ division_at_start('division_names.options', 'places.rest', 'places.scope', "''") }} as option
    from read_{{ n }} as places
    left join division_names on left(places.rest, 2) = division_names.head
),

read_{{ n + 1 }} as (
    select
        province,
        city,
        district,
        {{ deeper('option.scope', 'scope') }} as scope,
        coalesce(substr(rest, 1 + length(option.name)), rest) as rest
    from found_{{ n }}
),
{% endfor %}
results as (
    select * from read_6
)

select
    province,
    city,
    district,
    scope,
    rest
from results
