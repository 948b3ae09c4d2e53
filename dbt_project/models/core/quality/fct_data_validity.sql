-- Grain: as_of_date × source (and all) × column. Today's counts, and what earlier runs recorded of earlier dates.
-- How many values that were filled in can be used, and how many agree with what somebody verified. A value verified of
-- one record holds for its customer: every record of his is held against it, whatever its source. Deleted records do
-- not count beside living ones.
{% set columns = validity_columns() -%}
with records as (
    select
        attributes.customer_id,
        attributes.source,
        records.name_key,
        {%- for name in verified_columns() %}
        cast(records.{{ name }} as varchar) as {{ name }},
        {%- endfor %}
        {%- for name, judged in columns.items() %}
        case when {{ judged.filled }} then 1 else 0 end as {{ name }}_filled,
        case when ({{ judged.filled }}) and {{ judged.conforming }} then 1 else 0 end as {{ name }}_conforming
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('id_attribute') }} as attributes
    inner join {{ ref('id_record') }} as records on attributes.record_key = records.record_key
),

sums as (
    select
        case when grouping(source) = 1 then 'all' else source end as source,
        {%- for name in columns %}
        sum({{ name }}_filled) as {{ name }}_filled,
        sum({{ name }}_conforming) as {{ name }}_conforming{{ ',' if not loop.last }}
        {%- endfor %}
    from records
    group by grouping sets ((source), ())
    having count(*) > 0
),

counts as (
    {%- for name in columns %}
    select
        source,
        '{{ name }}' as column_name,
        {{ name }}_filled as total_count,
        {{ name }}_conforming as conforming_count
    from sums
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

verified as (
    select * from {{ newest_verified() }} as newest
),

compared as (
    {%- for attribute, name in verified_columns().items() %}
    select
        records.source,
        '{{ name }}' as column_name,
        case
            when {{ says_the_same(attribute, 'records.' ~ attribute, 'verified.verified_value') }} then 1
            else 0
        end as is_agreeing
    from verified
    inner join records on verified.customer_id = records.customer_id
    where verified.attribute = '{{ attribute }}' and {{ is_filled('records.' ~ attribute) }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

agreement as (
    select
        case when grouping(source) = 1 then 'all' else source end as source,
        column_name,
        count(*) as verified_count,
        sum(is_agreeing) as agreeing_count
    from compared
    group by grouping sets ((source, column_name), (column_name))
)

select
    run.as_of_date,
    cast(counts.source as varchar) as source,
    cast(counts.column_name as varchar) as column_name,
    cast(counts.conforming_count as bigint) as conforming_count,
    cast(counts.total_count as bigint) as total_count,
    cast(coalesce(agreement.agreeing_count, 0) as bigint) as agreeing_count,
    cast(coalesce(agreement.verified_count, 0) as bigint) as verified_count
from counts
cross join {{ ref('dim_run') }} as run
left join agreement on counts.source = agreement.source and counts.column_name = agreement.column_name

union all

select
    history.as_of_date,
    history.source,
    history.column_name,
    history.conforming_count,
    history.total_count,
    history.agreeing_count,
    history.verified_count
from {{ ref('stg_state__data_validity') }} as history
inner join {{ ref('dim_run') }} as run on history.as_of_date < run.as_of_date
