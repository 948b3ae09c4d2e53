-- Grain: one row. The dates of this run, for every model that needs to know how far the data goes.
select
    as_of_date,
    known_on
from {{ ref('stg_ledger__run') }}
