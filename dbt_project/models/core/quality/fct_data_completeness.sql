-- Grain: as_of_date × source (and all) × column. Today's counts, and what earlier runs recorded of earlier dates.
-- Before merging a customer's column is filled in a share of the customer's records, after it in the survivor or not.
-- Deleted records do not count beside living ones. A value that was there and was dropped on purpose (no valid phone)
-- is not filled, and is counted apart as invalid.
{% set attributes = surviving_attributes() | list -%}
{%- set counts = ['customer_count', 'after_filled_count', 'record_count', 'filled_record_count', 'invalid_count'] -%}
with records as (
    select
        attributes.customer_id,
        attributes.source,
        {%- for name in attributes %}
        case when attributes.{{ name }} is not null then 1 else 0 end as {{ name }}_filled,
        case
            when attributes.{{ name }} is null and trim(cast(records.{{ name }} as varchar)) <> '' then 1
            else 0
        end as {{ name }}_invalid{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('id_attribute') }} as attributes
    inner join {{ ref('id_record') }} as records on attributes.record_key = records.record_key
),

customers as (
    select
        customer_id,
        case when grouping(source) = 1 then 'all' else source end as source,
        count(*) as record_count,
        {%- for name in attributes %}
        sum({{ name }}_filled) as {{ name }}_filled,
        sum({{ name }}_invalid) as {{ name }}_invalid{{ ',' if not loop.last }}
        {%- endfor %}
    from records
    group by grouping sets ((customer_id, source), (customer_id))
),

sums as (
    select
        customers.source,
        count(*) as customer_count,
        sum(customers.record_count) as record_count,
        {%- for name in attributes %}
        sum(
            cast(cast(customers.{{ name }}_filled as double) / customers.record_count as decimal(18, 9))
        ) as {{ name }}_before,
        count(survivors.{{ name }}) as {{ name }}_after,
        sum(customers.{{ name }}_filled) as {{ name }}_filled,
        sum(customers.{{ name }}_invalid) as {{ name }}_invalid{{ ',' if not loop.last }}
        {%- endfor %}
    from customers
    inner join {{ ref('id_survivor') }} as survivors on customers.customer_id = survivors.customer_id
    group by customers.source
)

{% for name in attributes -%}
select
    run.as_of_date,
    sums.source,
    cast('{{ name }}' as varchar) as column_name,
    cast(sums.{{ name }}_before as decimal(38, 9)) as before_filled_sum,
    cast(sums.customer_count as bigint) as customer_count,
    cast(sums.{{ name }}_after as bigint) as after_filled_count,
    cast(sums.record_count as bigint) as record_count,
    cast(sums.{{ name }}_filled as bigint) as filled_record_count,
    cast(sums.{{ name }}_invalid as bigint) as invalid_count
from sums
cross join {{ ref('dim_run') }} as run

union all

{% endfor -%}
select
    history.as_of_date,
    history.source,
    history.column_name,
    history.before_filled_sum,
    {%- for count in counts %}
    history.{{ count }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('stg_state__data_completeness') }} as history
inner join {{ ref('dim_run') }} as run on history.as_of_date < run.as_of_date
