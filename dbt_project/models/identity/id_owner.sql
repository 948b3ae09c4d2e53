-- Grain: owner (salesperson) of a source: whoever looks after a customer, a lead or a deal, or is employed.
-- Published tables carry minted owner ids; an owner keeps its number from run to run through the state chain.
with owners as (
    {% for entity in ['customers', 'leads', 'opportunities', 'interactions', 'cases', 'employees'] %}
    {%- set owner = 'employee_id' if entity == 'employees' else 'owner_id' %}
    select source || ':' || {{ owner }} as owner_key
    from {{ union_sources(entity) }}
    where {{ owner }} is not null
    {{- '

    union' if not loop.last }}
    {% endfor %}
),

known as (
    select owner_key, owner_id from {{ ref('stg_state__owner_ids') }}
),

highest as (
    select coalesce(max({{ id_number('owner_id') }}), 0) as owner_number from known
),

minted as (
    select
        owners.owner_key,
        row_number() over (order by owners.owner_key nulls last) as new_number
    from owners
    left join known on owners.owner_key = known.owner_key
    where known.owner_key is null
)

select
    owner_key,
    owner_id
from known

union all

select
    minted.owner_key,
    'E' || cast(highest.owner_number + minted.new_number as varchar)
from minted
cross join highest
