-- Grain: column × change, of the records that speak for a customer.
-- What cleansing did to each value. kept: as the source wrote it; normalised: the same value in another writing;
-- dropped: filled in, but it cannot be used; filled: missing in the record, known of the customer from another one.
-- What is missing in both changed nothing. A usable value that another of the customer's outvoted stands under kept or
-- normalised and is superseded as well. Examples are those of the smallest record keys, masked.
{% set columns = audited_columns() -%}
with records as (
    select
        records.record_key,
        {%- for name in columns %}
        nullif(cast(records.{{ name }} as varchar), '') as {{ name }}_before,
        case
            when {{ is_filled('records.' ~ name) }} and attributes.{{ name }} is null then null
            {%- if name == 'name' %}
            when records.name_key <> suppliers.name_key then attributes.name
            when records.name_key = suppliers.name_key then survivors.name
            {%- endif %}
            when {{ is_filled('records.' ~ name) }} then attributes.{{ name }}
            else cast(survivors.{{ name }} as varchar)
        end as {{ name }}_after,
        {{ is_filled('records.' ~ name) }} as {{ name }}_is_filled,
        {%- if name == 'name' %}
        coalesce(records.name_key <> suppliers.name_key, false) as name_is_superseded
        {%- else %}
        coalesce(attributes.{{ name }} <> cast(survivors.{{ name }} as varchar), false) as {{ name }}_is_superseded
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('id_attribute') }} as attributes
    inner join {{ ref('id_record') }} as records on attributes.record_key = records.record_key
    inner join {{ ref('id_survivor') }} as survivors on attributes.customer_id = survivors.customer_id
    left join {{ ref('id_provenance') }} as provenance
        on attributes.customer_id = provenance.customer_id and provenance.attribute = 'name'
    left join {{ ref('id_record') }} as suppliers on provenance.record_key = suppliers.record_key
),

judged as (
    {%- for name, shown in columns.items() %}
    {%- set before = name ~ '_before' %}
    {%- set after = name ~ '_after' %}
    select
        '{{ name }}' as column_name,
        case
            when not {{ name }}_is_filled then 'filled'
            when {{ after }} is null then 'dropped'
            when {{ before }} = {{ after }} then 'kept'
            else 'normalised'
        end as change,
        count(*) as record_count,
        sum(case when {{ name }}_is_superseded then 1 else 0 end) as superseded_count,
        {{ lowest_values('coalesce(' ~ before ~ ', ' ~ after ~ ')', 'record_key', 2) }} as befores,
        {{ lowest_values('coalesce(' ~ after ~ ', ' ~ before ~ ')', 'record_key', 2) }} as afters,
        '{{ shown }}' as shown
    from records
    where {{ name }}_is_filled or {{ after }} is not null
    group by 2
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

examples as (
    select
        column_name,
        change,
        record_count,
        superseded_count
        {%- for number in [1, 2] %}
        {%- set before, after = list_item('befores', number), list_item('afters', number) %},
        case
            when change in ('kept', 'filled') then {{ masked_example(after, 'shown') }}
            when change = 'dropped' then {{ written_shape(before, 'shown') }}
            else {{ written_shape(before, 'shown') }} || ' → ' || {{ masked_example(after, 'shown') }}
        end as sample_{{ number }}
        {%- endfor %}
    from judged
),

totals as (
    select count(*) as total_count from records
)

select
    cast(examples.column_name as varchar) as column_name,
    cast(examples.change as varchar) as change,
    cast(examples.record_count as bigint) as record_count,
    cast(totals.total_count as bigint) as total_count,
    cast({{ rate('examples.record_count', 'totals.total_count') }} as double) as change_rate,
    cast({{ wilson_lower('examples.record_count', 'totals.total_count') }} as double) as change_rate_lower,
    cast({{ wilson_upper('examples.record_count', 'totals.total_count') }} as double) as change_rate_upper,
    cast(examples.superseded_count as bigint) as superseded_count,
    cast(examples.sample_1 as varchar) as sample_1,
    cast(examples.sample_2 as varchar) as sample_2
from examples
cross join totals
