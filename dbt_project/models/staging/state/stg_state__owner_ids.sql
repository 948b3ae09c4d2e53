-- Grain: owner that an earlier run gave a published number.
select
    owner_key,
    max_by(owner_id, _run_number) as owner_id
from {{ source('state', 'owner_ids') }}
group by owner_key
