-- Grain: accepted load that this run may use.
-- is_in_force: the load that counts for its object and load date; is_held_by_facts: the incremental facts have it.
select
    load_id,
    source,
    object,
    mode,
    cast(load_date as date) as load_date,
    cast(sequence as bigint) as sequence,
    cast(received_count as bigint) as received_count,
    cast(loaded_count as bigint) as loaded_count,
    cast(rejected_count as bigint) as rejected_count,
    cast(key_duplicate_count as bigint) as key_duplicate_count,
    is_in_force,
    is_held_by_facts
from {{ source('ledger', 'loads') }}
