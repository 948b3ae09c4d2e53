-- Grain: owner (salesperson) of a source.
-- Published tables carry minted owner ids; an owner keeps its number from run to run through the state chain.
with owners as (
    select distinct source || ':' || owner_id as owner_key
    from {{ ref('id_record') }}
    where owner_id is not null
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
