-- Grain: as_of_date × metric.
-- The same figure over the last 365 days by source record and by merged customer. The customers did the same things
-- either way: the difference is a change of measurement and no effect on the business. Its interval is NULL where
-- fewer than 30 stand in the denominator.
select
    cast(as_of_date as date) as as_of_date,
    cast(metric as varchar) as metric,
    cast(by_record_numerator as decimal(38, 2)) as by_record_numerator,
    cast(by_record_denominator as decimal(38, 2)) as by_record_denominator,
    cast({{ rate('by_record_numerator', 'by_record_denominator') }} as double) as by_record_value,
    cast(by_customer_numerator as decimal(38, 2)) as by_customer_numerator,
    cast(by_customer_denominator as decimal(38, 2)) as by_customer_denominator,
    cast({{ rate('by_customer_numerator', 'by_customer_denominator') }} as double) as by_customer_value,
    cast(
        round(
            {{ rate('by_customer_numerator', 'by_customer_denominator') }}
            - {{ rate('by_record_numerator', 'by_record_denominator') }}, 9
        ) as double
    ) as difference,
    cast(case when by_customer_denominator >= 30 then difference_low end as double) as difference_low,
    cast(case when by_customer_denominator >= 30 then difference_high end as double) as difference_high,
    cast('change of measurement' as varchar) as difference_kind
from {{ ref('fct_cleansing_effect') }}
