-- Grain: as_of_date × metric, of the runs in the state chain.
-- A date that was run again has the rows of its newest run.
with history as (
    select * from {{ source('state', 'cleansing_effect') }}
)

select
    cast(history.as_of_date as date) as as_of_date,
    cast(history.metric as varchar) as metric,
    cast(history.by_record_numerator as decimal(38, 2)) as by_record_numerator,
    cast(history.by_record_denominator as decimal(38, 2)) as by_record_denominator,
    cast(history.by_customer_numerator as decimal(38, 2)) as by_customer_numerator,
    cast(history.by_customer_denominator as decimal(38, 2)) as by_customer_denominator,
    cast(history.difference_low as double) as difference_low,
    cast(history.difference_high as double) as difference_high
from history
where {{ is_newest_of_its_date('history') }}
