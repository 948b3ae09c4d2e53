-- Grain: erasure of a customer.
-- What `liucun erase` did: of the person nothing but the number that the customer had.
select
    cast(erased_at as timestamp) as erased_at,
    cast(customer_id as varchar) as customer_id,
    cast(record_count as bigint) as record_count
from {{ source('ledger', 'erasures') }}
