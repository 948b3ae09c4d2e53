-- Grain: basis (record or customer) × source record.
-- The two ways of telling who bought: by the id of the record, as a system without merging counts, and by the customer.
-- The group is that of the customer's smallest record key on both bases, so that resampling groups resamples the same
-- people, whatever their ids are called.
with records as (
    select
        customer_id,
        record_key,
        {{ bootstrap_group('min(record_key) over (partition by customer_id)') }} as customer_group
    from {{ ref('id_crosswalk') }}
)

select
    'record' as basis,
    record_key,
    record_key as counted_id,
    customer_group
from records

union all

select
    'customer' as basis,
    record_key,
    customer_id as counted_id,
    customer_group
from records
