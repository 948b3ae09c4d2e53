-- Grain: as_of_date × source × column, of the runs in the state chain.
-- A date that was run again has the rows of its newest run.
with history as (
    select * from {{ source('state', 'data_validity') }}
)

select
    cast(history.as_of_date as date) as as_of_date,
    cast(history.source as varchar) as source,
    cast(history.column_name as varchar) as column_name,
    cast(history.conforming_count as bigint) as conforming_count,
    cast(history.total_count as bigint) as total_count,
    cast(history.agreeing_count as bigint) as agreeing_count,
    cast(history.verified_count as bigint) as verified_count
from history
where {{ is_newest_of_its_date('history') }}
