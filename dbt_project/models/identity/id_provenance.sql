-- Grain: customer of several records × attribute. The value that survives and the record that supplied it.
-- Which rule an attribute follows stands in the seed survivorship_rules; ties go to the newest record, then the
-- smallest record key. Customers of one record need no choice and are left out.
with merged as (
    select customer_id
    from {{ ref('id_attribute') }}
    group by customer_id
    having count(*) > 1
),

candidates as (
    {%- for attribute in surviving_attributes() %}
    select
        records.customer_id,
        records.record_key,
        records.source_rank,
        records.record_modified_at,
        '{{ attribute }}' as attribute,
        records.{{ attribute }} as value
    from {{ ref('id_attribute') }} as records
    inner join merged on records.customer_id = merged.customer_id
    where records.{{ attribute }} is not null
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

frequencies as (
    select customer_id, attribute, value, count(*) as value_count
    from candidates
    group by customer_id, attribute, value
),

ranked as (
    select
        candidates.customer_id,
        candidates.attribute,
        candidates.value,
        candidates.record_key,
        rules.rule,
        row_number() over (
            partition by candidates.customer_id, candidates.attribute
            order by
                case rules.rule
                    when 'most_frequent' then -frequencies.value_count
                    when 'source_order' then candidates.source_rank
                    when 'most_restrictive' then case when candidates.value = 'false' then 0 else 1 end
                    else 0
                end asc nulls last,
                case when rules.rule = 'earliest' then candidates.value end asc nulls last,
                candidates.record_modified_at desc nulls last,
                candidates.record_key asc nulls last
        ) as survival_rank
    from candidates
    inner join frequencies
        on candidates.customer_id = frequencies.customer_id
        and candidates.attribute = frequencies.attribute
        and candidates.value = frequencies.value
    inner join {{ ref('survivorship_rules') }} as rules on candidates.attribute = rules.attribute
)

select
    customer_id,
    attribute,
    value,
    record_key,
    rule
from ranked
where survival_rank = 1
