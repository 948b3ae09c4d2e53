-- Grain: change of a customer × run that made it.
-- The audit of merging: earlier runs' changes as they recorded them, those of this run, which has no number yet (0),
-- and erasures, which are no run's (-1).
select
    as_of_date,
    run_number,
    event,
    customer_id,
    other_customer_id,
    record_count,
    cause,
    weight
from {{ ref('stg_state__merge_events') }}

union all

select
    run.as_of_date,
    cast(0 as bigint),
    changes.event,
    changes.customer_id,
    changes.other_customer_id,
    changes.record_count,
    changes.cause,
    changes.weight
from {{ ref('id_change') }} as changes
cross join {{ ref('stg_ledger__run') }} as run

union all

select
    cast(erased_at as date),
    cast(-1 as bigint),
    'erase',
    customer_id,
    '',
    cast(sum(record_count) as bigint),
    'erased on request',
    cast(null as double)
from {{ ref('stg_ledger__erasures') }}
group by cast(erased_at as date), customer_id
