-- Grain: period_grain × period × segment_type × segment with a customer who bought in it or in the period before.
-- A customer counts in the segment of the day before the period began; who is new in it is in segment `new` of every
-- type but `all`, so that each type's segments add up to `all`.
{%- set types = steady_segment_types() + ['tier'] %}
{%- set keys = ['period_grain', 'period_number'] %}
with placed as (
    select
        moves.period_grain,
        moves.period_number,
        {%- for type in types %}
        {%- set table = 'moves' if type == 'tier' else 'profiles' %}
        case when moves.is_new then 'new' else {{ table }}.{{ type }} end as {{ type }},
        {%- endfor %}
        {%- for measure in retention_counts() %}
        moves.{{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_retention_move') }} as moves
    inner join {{ ref('dim_customer_profile') }} as profiles on moves.profile_number = profiles.profile_number
),

counted as (
    select
        {{ keys | join(', ') }},
        {{ segment_type_of_set(types) }} as segment_type,
        {{ segment_of_set(types) }} as segment,
        {%- for measure in retention_counts() %}
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from placed
    group by {{ segment_sets(keys, types) }}
)

select
    {{ keys | join(',\n    ') }},
    segment_type,
    segment,
    {%- for measure in retention_counts() %}
    cast({{ measure }} as bigint) as {{ measure }}{{ ',' if not loop.last }}
    {%- endfor %}
from counted
where segment_type <> 'tier' or period_grain <> 'week'
