-- Grain: first two characters of a division's name.
-- The ways of writing divisions, found by how they begin: `options` is a list of them (macros/addresses.sql), the
-- longest first and then the larger division. A short county name says nothing without its province.
with divisions as (
    select
        full_name,
        short_name,
        case level
            when 1 then left(division_code, 2)
            when 2 then left(division_code, 4)
            else division_code
        end as scope
    from {{ ref('id_division') }}
    -- A municipality is one province, and no city as well.
    where full_name is not null and not (level = 2 and left(division_code, 2) in ('11', '12', '31', '50'))
),

written as (
    select scope, full_name as name, true as is_full
    from divisions
    union all
    select scope, short_name as name, false as is_full
    from divisions
    where short_name <> full_name
),

counted as (
    select
        *,
        count(*) over (partition by name, length(scope)) as in_country,
        count(*) over (partition by name, length(scope), left(scope, 2)) as in_province
    from written
),

options as (
    select
        name,
        scope,
        case
            when in_country = 1 and (is_full or length(scope) < 6) then 0
            when in_province = 1 then 2
            else 4
        end as clear_from,
        is_full
    from counted
)

select
    left(name, 2) as head,
    {{ ordered_list(
        row_of({'name': 'name', 'scope': 'scope', 'clear_from': 'clear_from', 'is_full': 'is_full'}),
        'length(name) desc nulls last, scope nulls last',
    ) }} as options
from options
group by left(name, 2)
