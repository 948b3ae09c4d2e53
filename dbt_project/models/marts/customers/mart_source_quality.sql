-- Grain: source × column.
-- How often a source is right where another record could have contradicted it, and how much of what is known of the
-- customers came from it. A record agrees when its value is the one that survived; names are compared by their key. A
-- value that stands alone, as everything of a customer with one record does, is supplied and not compared. Date of
-- making and owner are each source's own and could not agree.
{% set attributes = comparable_attributes() | list -%}
with records as (
    select
        attributes.*,
        records.name_key,
        count(*) over (partition by attributes.customer_id) as record_count
    from {{ ref('id_attribute') }} as attributes
    inner join {{ ref('id_record') }} as records on attributes.record_key = records.record_key
),

customers as (
    select
        customer_id,
        {%- for name in attributes %}
        count({{ name }}) as {{ name }}_count{{ ',' if not loop.last }}
        {%- endfor %}
    from records
    where record_count > 1
    group by customer_id
),

chosen as (
    select
        provenance.customer_id,
        provenance.attribute,
        suppliers.source,
        case when provenance.attribute = 'name' then suppliers.name_key else provenance.value end as comparable
    from {{ ref('id_provenance') }} as provenance
    inner join {{ ref('id_record') }} as suppliers on provenance.record_key = suppliers.record_key
    where provenance.attribute in ('{{ attributes | join("', '") }}')
),

judged as (
    {%- for name in attributes %}
    select
        records.source,
        '{{ name }}' as column_name,
        count(*) as compared_count,
        sum(
            case when chosen.comparable = records.{{ 'name_key' if name == 'name' else name }} then 1 else 0 end
        ) as agreeing_count
    from records
    inner join customers on records.customer_id = customers.customer_id and customers.{{ name }}_count > 1
    inner join chosen on records.customer_id = chosen.customer_id and chosen.attribute = '{{ name }}'
    where records.{{ name }} is not null
    group by records.source
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

supplied as (
    {%- for name in attributes %}
    select source, '{{ name }}' as column_name, count({{ name }}) as supplied_count
    from records
    where record_count = 1
    group by source
    union all
    {%- endfor %}
    select source, attribute as column_name, count(*) as supplied_count
    from chosen
    group by source, attribute
),

totals as (
    select
        sources.source,
        supplied.column_name,
        sum(case when supplied.source = sources.source then supplied.supplied_count else 0 end) as supplied_count,
        sum(supplied.supplied_count) as survivor_count
    from supplied
    cross join (select distinct source from records) as sources
    group by sources.source, supplied.column_name
)

select
    cast(totals.source as varchar) as source,
    cast(totals.column_name as varchar) as column_name,
    cast(coalesce(judged.compared_count, 0) as bigint) as compared_count,
    cast(coalesce(judged.agreeing_count, 0) as bigint) as agreeing_count,
    cast({{ rate('judged.agreeing_count', 'judged.compared_count') }} as double) as agreement_rate,
    cast({{ wilson_lower('judged.agreeing_count', 'judged.compared_count') }} as double) as agreement_rate_lower,
    cast({{ wilson_upper('judged.agreeing_count', 'judged.compared_count') }} as double) as agreement_rate_upper,
    cast(totals.survivor_count as bigint) as survivor_count,
    cast(totals.supplied_count as bigint) as supplied_count,
    cast({{ rate('totals.supplied_count', 'totals.survivor_count') }} as double) as supplied_rate,
    cast({{ wilson_lower('totals.supplied_count', 'totals.survivor_count') }} as double) as supplied_rate_lower,
    cast({{ wilson_upper('totals.supplied_count', 'totals.survivor_count') }} as double) as supplied_rate_upper
from totals
left join judged on totals.source = judged.source and totals.column_name = judged.column_name
