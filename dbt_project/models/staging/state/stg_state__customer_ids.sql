-- Grain: source record that an earlier run gave a customer id.
-- The id in force is what the newest run of the chain that speaks of the record gave it. highest_number is the highest
-- number ever given, by runs that were rolled back and to erased customers too: a number is never given twice.
with recorded as (
    select record_key, customer_id, _run_number from {{ source('state', 'customer_ids') }}
),

given as (
    select customer_id from recorded
    union all
    select customer_id from {{ source('state', 'customer_ids_aside') }}
    union all
    select customer_id from {{ source('ledger', 'erasures') }}
),

highest as (
    select max({{ id_number('customer_id') }}) as highest_number from given
)

select
    recorded.record_key,
    max_by(recorded.customer_id, recorded._run_number) as customer_id,
    max(highest.highest_number) as highest_number
from recorded
cross join highest
group by recorded.record_key
