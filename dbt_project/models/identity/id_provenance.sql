-- Grain: customer of several records × attribute. The value that survives and the record that supplied it.
-- What says more survives; of equals the rule that the seed survivorship_rules names for the attribute decides; ties go
-- to the newest record, then the smallest record key. Customers of one record need no choice and are left out.
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
        records.{{ attribute }} as value,
        {{ fullness(attribute) }} as fullness
    from {{ ref('id_attribute') }} as records
    inner join merged on records.customer_id = merged.customer_id
    where records.{{ attribute }} is not null
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

verified as (
    select * from {{ newest_verified() }} as newest
),

confirmed as (
    select
        candidates.customer_id,
        candidates.attribute,
        candidates.record_key
    from candidates
    inner join verified
        on candidates.customer_id = verified.customer_id
        and candidates.attribute = verified.attribute
        and {{ same_writing('candidates.value', 'verified.value') }}
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
                case
                    when rules.rule = 'verified_first' and confirmed.record_key is not null then 0
                    else 1
                end asc nulls last,
                candidates.fullness desc nulls last,
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
    left join confirmed
        on candidates.customer_id = confirmed.customer_id
        and candidates.attribute = confirmed.attribute
        and candidates.record_key = confirmed.record_key
)

select
    customer_id,
    attribute,
    value,
    record_key,
    rule
from ranked
where survival_rank = 1
