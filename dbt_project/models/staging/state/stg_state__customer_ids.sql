-- Grain: source record that an earlier run gave a customer id.
-- The id in force is what the newest run of the chain that speaks of the record gave it. highest_number is the highest
-- number ever given, merged ids included: a number is never given twice.
with recorded as (
    select record_key, customer_id, _run_number from {{ source('state', 'customer_ids') }}
),

highest as (
    select max({{ id_number('customer_id') }}) as highest_number from recorded
)

select
    recorded.record_key,
    max_by(recorded.customer_id, recorded._run_number) as customer_id,
    max(highest.highest_number) as highest_number
from recorded
cross join highest
group by recorded.record_key
