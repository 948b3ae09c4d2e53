-- Grain: as_of_date × target × segment × horizon, of the runs in the state chain.
-- A date that was run again has the rows of its newest run.
with history as (
    select * from {{ source('state', 'model_verdict') }}
)

select
    cast(history.as_of_date as date) as as_of_date,
    cast(history.target as varchar) as target,
    cast(history.segment as varchar) as segment,
    cast(history.horizon_days as integer) as horizon_days,
    cast(history.verdict as varchar) as verdict,
    cast(history.doubts as varchar) as doubts,
    cast(history.mean_prediction as double) as mean_prediction
from history
where {{ is_newest_of_its_date('history') }}
