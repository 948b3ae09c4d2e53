-- Grain: as_of_date × source (and all) × column.
-- Of the values that were filled in, how many can be used, and how many of those that somebody verified are right.
-- Empty values count in mart_data_completeness, not here. Bounds are those of 95 % Wilson intervals.
select
    cast(as_of_date as date) as as_of_date,
    cast(source as varchar) as source,
    cast(column_name as varchar) as column_name,
    cast(conforming_count as bigint) as conforming_count,
    cast(total_count as bigint) as total_count,
    cast({{ rate('conforming_count', 'total_count') }} as double) as conforming_rate,
    cast({{ wilson_lower('conforming_count', 'total_count') }} as double) as conforming_rate_lower,
    cast({{ wilson_upper('conforming_count', 'total_count') }} as double) as conforming_rate_upper,
    cast(agreeing_count as bigint) as agreeing_count,
    cast(verified_count as bigint) as verified_count,
    cast({{ rate('agreeing_count', 'verified_count') }} as double) as agreement_rate,
    cast({{ wilson_lower('agreeing_count', 'verified_count') }} as double) as agreement_rate_lower,
    cast({{ wilson_upper('agreeing_count', 'verified_count') }} as double) as agreement_rate_upper
from {{ ref('fct_data_validity') }}
