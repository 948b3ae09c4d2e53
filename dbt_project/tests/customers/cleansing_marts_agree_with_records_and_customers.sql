-- Today's figures of cleansing against tables that count the same things in another way: every value is usable, dropped
-- or missing, every surviving value has one supplier, and orders are orders whoever placed them.
with run as (
    select as_of_date from {{ ref('dim_run') }}
),

completeness as (
    select
        completeness.source,
        completeness.column_name,
        completeness.filled_record_count,
        completeness.invalid_count,
        completeness.after_filled_count,
        completeness.record_count
    from {{ ref('mart_data_completeness') }} as completeness
    inner join run on completeness.as_of_date = run.as_of_date
),

audit as (
    select
        column_name,
        sum(case when change in ('kept', 'normalised') then record_count else 0 end) as usable_count,
        sum(case when change = 'dropped' then record_count else 0 end) as dropped_count,
        sum(record_count) as changed_count,
        max(total_count) as total_count
    from {{ ref('mart_cleansing_audit') }}
    group by column_name
),

supplied as (
    select
        column_name,
        sum(supplied_count) as supplied_count,
        max(survivor_count) as survivor_count
    from {{ ref('mart_source_quality') }}
    group by column_name
),

effect as (
    select
        effect.metric,
        effect.by_record_numerator,
        effect.by_record_denominator,
        effect.by_customer_numerator,
        effect.by_customer_denominator
    from {{ ref('mart_cleansing_effect') }} as effect
    inner join run on effect.as_of_date = run.as_of_date
),

purchases as (
    select
        coalesce(sum(net_amount_365), 0) as net_amount,
        coalesce(sum(order_count_365), 0) as order_count,
        count(case when order_count_365 > 0 then 1 end) as active_count,
        count(first_order_on) as buyer_count
    from {{ ref('mart_customer_purchase') }}
),

tags as (
    select kind, tag, max(tag_customer_count) as told, count(*) as found
    from {{ ref('mart_customer_tag') }}
    group by kind, tag
),

validity as (
    select
        completeness.source,
        completeness.column_name,
        completeness.filled_record_count,
        completeness.filled_record_count + completeness.invalid_count as written_count,
        validity.conforming_count,
        validity.total_count
    from {{ ref('mart_data_validity') }} as validity
    inner join run on validity.as_of_date = run.as_of_date
    inner join completeness
        on validity.source = completeness.source and validity.column_name = completeness.column_name
),

compared as (
    select
        'values filled in, ' || source || ' ' || column_name as figure,
        written_count as expected,
        total_count as found
    from validity
    union all
    select
        'values that conform, ' || source || ' ' || column_name as figure,
        filled_record_count as expected,
        conforming_count as found
    from validity
    where column_name in ('name', 'email', 'uscc')
    {%- for figure, expected, found, source in [
        ('usable values of the audit', 'completeness.filled_record_count', 'audit.usable_count', 'audit'),
        ('dropped values of the audit', 'completeness.invalid_count', 'audit.dropped_count', 'audit'),
        ('records of the audit', 'completeness.record_count', 'greatest(audit.total_count, audit.changed_count)', 'audit'),
        ('surviving values', 'completeness.after_filled_count', 'supplied.survivor_count', 'supplied'),
        ('suppliers of surviving values', 'supplied.survivor_count', 'supplied.supplied_count', 'supplied'),
    ] %}
    union all
    select
        '{{ figure }}, ' || completeness.column_name as figure,
        {{ expected }} as expected,
        {{ found }} as found
    from completeness
    inner join {{ source }} on completeness.column_name = {{ source }}.column_name
    where completeness.source = 'all'
    {%- endfor %}
    {%- for metric, expected, found in [
        ('average_order_amount', 'net_amount', 'by_record_numerator'),
        ('average_order_amount', 'order_count', 'by_customer_denominator'),
        ('active_ratio', 'active_count', 'by_customer_numerator'),
        ('active_ratio', 'buyer_count', 'by_customer_denominator'),
    ] %}
    union all
    select
        '{{ expected }} of {{ metric }}' as figure,
        purchases.{{ expected }} as expected,
        effect.{{ found }} as found
    from effect
    cross join purchases
    where effect.metric = '{{ metric }}'
    {%- endfor %}
    union all
    select
        'customers with the tag ' || tag || ', ' || kind as figure,
        found as expected,
        told as found
    from tags
    union all
    select
        'customers who answered, at most all, ' || purpose as figure,
        least(consented_count + refused_count, customer_count) as expected,
        consented_count + refused_count as found
    from {{ ref('mart_consent') }}
)

select
    figure,
    expected,
    found
from compared
where expected <> found
