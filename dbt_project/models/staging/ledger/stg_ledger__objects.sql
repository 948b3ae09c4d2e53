-- Grain: object that a source of the warehouse declares, received or not.
select
    source,
    object,
    mode,
    is_required,
    cast(target_days as integer) as target_days
from {{ source('ledger', 'objects') }}
