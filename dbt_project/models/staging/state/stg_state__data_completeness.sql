-- Grain: as_of_date × source × column, of the runs in the state chain.
-- A date that was run again has the rows of its newest run.
with history as (
    select * from {{ source('state', 'data_completeness') }}
)

select
    cast(history.as_of_date as date) as as_of_date,
    cast(history.source as varchar) as source,
    cast(history.column_name as varchar) as column_name,
    cast(history.customer_count as bigint) as customer_count,
    cast(history.before_filled_sum as decimal(38, 9)) as before_filled_sum,
    cast(history.after_filled_count as bigint) as after_filled_count,
    cast(history.record_count as bigint) as record_count,
    cast(history.filled_record_count as bigint) as filled_record_count,
    cast(history.invalid_count as bigint) as invalid_count
from history
where {{ is_newest_of_its_date('history') }}
