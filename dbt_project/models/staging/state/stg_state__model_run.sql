-- Grain: as_of_date × model run, of the runs in the state chain.
-- A date that was run again has the rows of its newest run.
with history as (
    select * from {{ source('state', 'model_run') }}
)

select
    cast(history.as_of_date as date) as as_of_date,
    {%- for column in ['model_run_id', 'model', 'history', 'segment'] %}
    cast(history.{{ column }} as varchar) as {{ column }},
    {%- endfor %}
    cast(history.cutoff_on as date) as cutoff_on,
    {%- for column in ['r', 'alpha', 'a', 'b', 'p', 'q', 'v', 'log_likelihood'] %}
    cast(history.{{ column }} as double) as {{ column }},
    {%- endfor %}
    cast(history.customer_count as bigint) as customer_count,
    cast(history.is_converged as boolean) as is_converged,
    cast(history.is_identified as boolean) as is_identified,
    cast(history.state as varchar) as state,
    cast(history.reason as varchar) as reason,
    cast(history.input_hash as varchar) as input_hash
from history
where {{ is_newest_of_its_date('history') }}
