-- Grain: source record. Every attribute as text, NULL where the record's value is missing or not usable.
-- The one list of what "filled" means: survivorship chooses from these values, completeness counts them. Deleted
-- records speak only for customers that have no living record.
with records as (
    select
        records.*,
        crosswalk.customer_id,
        min(case when records.is_deleted then 1 else 0 end) over (
            partition by crosswalk.customer_id
        ) as has_only_deleted
    from {{ ref('id_record') }} as records
    inner join {{ ref('id_crosswalk') }} as crosswalk on records.record_key = crosswalk.record_key
)

select
    customer_id,
    record_key,
    source,
    is_deleted,
    is_name_partial,
    {%- for attribute, expression in surviving_attributes().items() %}
    nullif(trim({{ expression }}), '') as {{ attribute }},
    {%- endfor %}
    modified_at as record_modified_at,
    case source
        {%- for name in var('sources') %}
        when '{{ name }}' then {{ loop.index }}
        {%- endfor %}
        else {{ var('sources') | length + 1 }}
    end as source_rank
from records
where not is_deleted or has_only_deleted = 1
