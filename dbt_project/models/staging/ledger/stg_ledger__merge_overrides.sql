-- Grain: pair of records that a steward decided about and that the decision in force binds.
-- Of several decisions about a pair the last one counts; what contradicts another was refused before the run began.
select
    left_record_key,
    right_record_key,
    decision,
    reason,
    decided_by,
    cast(decided_at as timestamp) as decided_at
from {{ source('ledger', 'merge_overrides') }}
where is_in_force
