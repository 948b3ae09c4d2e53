-- Grain: party, persons or organisations.
-- The model that weighs pairs of its records: an input of the run like any other.
select
    cast(party as varchar) as party,
    cast(model as varchar) as model,
    cast({{ md5_text('model') }} as varchar) as model_hash
from {{ source('ledger', 'match_models') }}
