-- Grain: as_of_date × kind of customer.
-- How many records became how many customers, by which rule, and what speaks for too little or too much merging.
-- Bounds are those of 95 % Wilson intervals. changed_id_rate is no share and has none: a record may change its id in
-- several runs of a date.
select
    cast(as_of_date as date) as as_of_date,
    cast(kind as varchar) as kind,
    cast(record_count as bigint) as record_count,
    cast(customer_count as bigint) as customer_count,
    cast({{ rate('record_count - customer_count', 'record_count') }} as double) as merge_rate,
    cast({{ wilson_lower('record_count - customer_count', 'record_count') }} as double) as merge_rate_lower,
    cast({{ wilson_upper('record_count - customer_count', 'record_count') }} as double) as merge_rate_upper,
    cast(received_row_count as bigint) as received_row_count,
    cast(key_duplicate_count as bigint) as key_duplicate_count,
    cast({{ rate('key_duplicate_count', 'received_row_count') }} as double) as key_duplicate_rate,
    cast({{ wilson_lower('key_duplicate_count', 'received_row_count') }} as double) as key_duplicate_rate_lower,
    cast({{ wilson_upper('key_duplicate_count', 'received_row_count') }} as double) as key_duplicate_rate_upper,
    cast(residual_duplicate_count as bigint) as residual_duplicate_count,
    cast({{ rate('residual_duplicate_count', 'customer_count') }} as double) as residual_duplicate_rate,
    cast({{ wilson_lower('residual_duplicate_count', 'customer_count') }} as double) as residual_duplicate_rate_lower,
    cast({{ wilson_upper('residual_duplicate_count', 'customer_count') }} as double) as residual_duplicate_rate_upper,
    {%- for rule in merge_rules() %}
    cast(merged_by_{{ rule }}_count as bigint) as merged_by_{{ rule }}_count,
    {%- endfor %}
    cast(suspect_count as bigint) as suspect_count,
    cast({{ rate('suspect_count', 'customer_count') }} as double) as suspect_rate,
    cast({{ wilson_lower('suspect_count', 'customer_count') }} as double) as suspect_rate_lower,
    cast({{ wilson_upper('suspect_count', 'customer_count') }} as double) as suspect_rate_upper,
    cast(review_count as bigint) as review_count,
    cast(changed_id_count as bigint) as changed_id_count,
    cast({{ rate('changed_id_count', 'record_count') }} as double) as changed_id_rate,
    cast(label_count as bigint) as label_count,
    {%- for estimate in label_estimates()[1:] %}
    cast(round({{ estimate }}, 9) as double) as {{ estimate }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('fct_merge_effect') }}
