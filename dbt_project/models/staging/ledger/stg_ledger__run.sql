-- Grain: one row.
-- The dates of this run. They come as data, not as a variable, so that dbt need not parse everything every day.
select
    cast(as_of_date as date) as as_of_date,
    cast(known_on as date) as known_on
from {{ source('ledger', 'run') }}
