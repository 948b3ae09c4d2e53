-- Grain: source record × run that gave it another customer id.
-- When a merge is undone, its records go back to the ids that they held before.
select
    cast(record_key as varchar) as record_key,
    cast(customer_id as varchar) as customer_id,
    cast(_run_number as bigint) as run_number
from {{ source('state', 'customer_ids') }}
