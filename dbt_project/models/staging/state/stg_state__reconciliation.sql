-- Grain: as_of_date × object, of the runs in the state chain.
-- A date that was run again has the rows of its newest run.
with history as (
    select * from {{ source('state', 'reconciliation') }}
)

select
    cast(history.as_of_date as date) as as_of_date,
    cast(history.object as varchar) as object,
    cast(history.received_count as bigint) as received_count,
    cast(history.rejected_count as bigint) as rejected_count,
    cast(history.loaded_count as bigint) as loaded_count,
    cast(history.raw_count as bigint) as raw_count,
    cast(history.superseded_count as bigint) as superseded_count,
    cast(history.staged_count as bigint) as staged_count,
    cast(history.deleted_count as bigint) as deleted_count,
    cast(history.staged_customer_count as bigint) as staged_customer_count,
    cast(history.crosswalk_count as bigint) as crosswalk_count,
    cast(history.staged_order_count as bigint) as staged_order_count,
    cast(history.order_count as bigint) as order_count,
    cast(history.invalid_order_count as bigint) as invalid_order_count,
    cast(history.erased_order_count as bigint) as erased_order_count,
    cast(history.orphan_order_count as bigint) as orphan_order_count,
    cast(history.later_order_count as bigint) as later_order_count,
    cast(history.customer_order_count as bigint) as customer_order_count,
    cast(history.living_line_count as bigint) as living_line_count,
    cast(history.line_count as bigint) as line_count,
    cast(history.orphan_line_count as bigint) as orphan_line_count,
    cast(history.orphan_case_count as bigint) as orphan_case_count,
    cast(history.orphan_feedback_count as bigint) as orphan_feedback_count,
    cast(history.line_net_amount as decimal(18, 2)) as line_net_amount,
    cast(history.orphan_line_net_amount as decimal(18, 2)) as orphan_line_net_amount,
    cast(history.header_net_amount as decimal(18, 2)) as header_net_amount,
    cast(history.order_net_amount as decimal(18, 2)) as order_net_amount,
    cast(history.invalid_net_amount as decimal(18, 2)) as invalid_net_amount,
    cast(history.erased_net_amount as decimal(18, 2)) as erased_net_amount,
    cast(history.orphan_net_amount as decimal(18, 2)) as orphan_net_amount,
    cast(history.later_net_amount as decimal(18, 2)) as later_net_amount,
    cast(history.net_amount as decimal(18, 2)) as net_amount
from history
where {{ is_newest_of_its_date('history') }}
