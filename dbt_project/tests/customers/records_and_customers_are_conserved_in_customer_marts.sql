-- Today's records and customers in the customer marts against the crosswalk, and completeness that merging lowered.
with run as (
    select as_of_date from {{ ref('dim_run') }}
),

crosswalk as (
    select
        count(*) as record_count,
        count(distinct customer_id) as customer_count
    from {{ ref('id_crosswalk') }}
),

merge_effect as (
    select
        coalesce(sum(record_count), 0) as record_count,
        coalesce(sum(customer_count), 0) as customer_count,
        coalesce(sum(
            {%- for rule in merge_rules() %}
            merged_by_{{ rule }}_count{{ ' +' if not loop.last }}
            {%- endfor %}
        ), 0) as merge_count
    from {{ ref('mart_merge_effect') }}
    where as_of_date = (select run.as_of_date from run)
),

completeness as (
    select
        source,
        column_name,
        customer_count,
        before_rate,
        after_rate
    from {{ ref('mart_data_completeness') }}
    where as_of_date = (select run.as_of_date from run)
),

compared as (
    select
        'records of mart_merge_effect' as figure,
        cast(crosswalk.record_count as double) as expected,
        cast(merge_effect.record_count as double) as found
    from crosswalk
    cross join merge_effect
    union all
    select
        'customers of mart_merge_effect' as figure,
        crosswalk.customer_count as expected,
        merge_effect.customer_count as found
    from crosswalk
    cross join merge_effect
    union all
    select
        'records merged, at most as many as rules tied' as figure,
        crosswalk.record_count - crosswalk.customer_count as expected,
        least(crosswalk.record_count - crosswalk.customer_count, merge_effect.merge_count) as found
    from crosswalk
    cross join merge_effect
    union all
    select
        'customers of mart_data_completeness, ' || completeness.column_name as figure,
        crosswalk.customer_count as expected,
        completeness.customer_count as found
    from crosswalk
    cross join completeness
    where completeness.source = 'all'
    union all
    select
        'after_rate at least before_rate, ' || source || ' ' || column_name as figure,
        greatest(before_rate, after_rate) as expected,
        after_rate as found
    from completeness
)

select
    figure,
    expected,
    found
from compared
where expected <> found
