-- Grain: as_of_date × kind, of the runs in the state chain.
-- A date that was run again has the rows of its newest run.
with history as (
    select * from {{ source('state', 'merge_effect') }}
)

select
    cast(history.as_of_date as date) as as_of_date,
    cast(history.kind as varchar) as kind,
    cast(history.record_count as bigint) as record_count,
    cast(history.customer_count as bigint) as customer_count,
    cast(history.received_row_count as bigint) as received_row_count,
    cast(history.key_duplicate_count as bigint) as key_duplicate_count,
    cast(history.residual_duplicate_count as bigint) as residual_duplicate_count,
    {%- for rule in merge_rules() %}
    cast(coalesce(history.merged_by_{{ rule }}_count, 0) as bigint) as merged_by_{{ rule }}_count,
    {%- endfor %}
    cast(history.suspect_count as bigint) as suspect_count,
    cast(history.changed_id_count as bigint) as changed_id_count,
    cast(history.review_count as bigint) as review_count,
    cast(coalesce(history.label_count, 0) as bigint) as label_count,
    {%- for estimate in label_estimates()[1:] %}
    cast(history.{{ estimate }} as double) as {{ estimate }}{{ ',' if not loop.last }}
    {%- endfor %}
from history
where {{ is_newest_of_its_date('history') }}
