-- Grain: customer about whom there is a doubt: the guards against merging too little and too much.
-- Residual duplicate: shares name and an identifier that merges with another customer, which merging should not leave.
-- For review: shares name and an identifier held under too many names to merge by itself. Suspect: a person made of
-- records with different names, or an organisation of records with different social credit codes.
with records as (
    select
        crosswalk.customer_id,
        records.record_key,
        records.name_key,
        records.uscc_key
    from {{ ref('id_record') }} as records
    inner join {{ ref('id_crosswalk') }} as crosswalk on records.record_key = crosswalk.record_key
),

held as (
    select
        identifiers.rule,
        identifiers.identifier,
        identifiers.is_hot,
        records.name_key,
        records.customer_id
    from {{ ref('id_identifier') }} as identifiers
    inner join records on identifiers.record_key = records.record_key
    where records.name_key is not null
),

split as (
    select rule, identifier, name_key
    from held
    group by rule, identifier, name_key
    having count(distinct customer_id) > 1
),

duplicates as (
    select
        held.customer_id,
        max(case when held.is_hot then 0 else 1 end) as is_residual_duplicate,
        max(case when held.is_hot then 1 else 0 end) as is_for_review
    from held
    inner join split
        on held.rule = split.rule and held.identifier = split.identifier and held.name_key = split.name_key
    group by held.customer_id
),

suspects as (
    select records.customer_id
    from records
    inner join {{ ref('id_survivor') }} as survivors on records.customer_id = survivors.customer_id
    where survivors.record_count > 1
    group by records.customer_id, survivors.kind
    having
        (survivors.kind = 'person' and count(distinct records.name_key) > 1)
        or (survivors.kind <> 'person' and count(distinct records.uscc_key) > 1)
)

select
    coalesce(duplicates.customer_id, suspects.customer_id) as customer_id,
    coalesce(duplicates.is_residual_duplicate, 0) = 1 as is_residual_duplicate,
    coalesce(duplicates.is_for_review, 0) = 1 as is_for_review,
    suspects.customer_id is not null as is_suspect
from duplicates
full join suspects on duplicates.customer_id = suspects.customer_id
