-- Grain: change of a customer × run that made it.
-- What earlier runs recorded; no later run can find it out again.
select
    cast(as_of_date as date) as as_of_date,
    cast(event as varchar) as event,
    cast(customer_id as varchar) as customer_id,
    cast(other_customer_id as varchar) as other_customer_id,
    cast(record_count as bigint) as record_count,
    cast(cause as varchar) as cause,
    cast(weight as double) as weight,
    cast(_run_number as bigint) as run_number
from {{ source('state', 'merge_events') }}
