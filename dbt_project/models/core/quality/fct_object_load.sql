-- Grain: object that a source of the warehouse declares, received or not.
-- The newest load in force, which tells how old the object's news are.
with loads as (
    select
        source,
        object,
        max(load_date) as last_load_date,
        max_by(loaded_count, load_date) as row_count
    from {{ ref('stg_ledger__loads') }}
    where is_in_force
    group by source, object
)

select
    objects.source,
    objects.object,
    objects.mode,
    objects.is_required,
    objects.target_days,
    loads.last_load_date,
    coalesce(loads.row_count, 0) as row_count
from {{ ref('stg_ledger__objects') }} as objects
left join loads on objects.source = loads.source and objects.object = loads.object
