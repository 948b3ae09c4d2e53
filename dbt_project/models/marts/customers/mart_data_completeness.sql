-- Grain: as_of_date × source (and all) × column.
-- How full the customers' columns were in the records and are in the survivors. Each customer counts once, however many
-- records he had, so that merging alone moves the figure only where it really filled something.
select
    cast(as_of_date as date) as as_of_date,
    cast(source as varchar) as source,
    cast(column_name as varchar) as column_name,
    cast(customer_count as bigint) as customer_count,
    cast(before_filled_sum as decimal(38, 9)) as before_filled_sum,
    cast({{ rate('before_filled_sum', 'customer_count') }} as double) as before_rate,
    cast(after_filled_count as bigint) as after_filled_count,
    cast({{ rate('after_filled_count', 'customer_count') }} as double) as after_rate,
    cast({{ wilson_lower('after_filled_count', 'customer_count') }} as double) as after_rate_lower,
    cast({{ wilson_upper('after_filled_count', 'customer_count') }} as double) as after_rate_upper,
    cast({{ rate('after_filled_count - before_filled_sum', 'customer_count') }} as double) as gain,
    cast(record_count as bigint) as record_count,
    cast(filled_record_count as bigint) as filled_record_count,
    cast(invalid_count as bigint) as invalid_count
from {{ ref('fct_data_completeness') }}
