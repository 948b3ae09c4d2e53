-- Grain: pair of records × rule that says they are one customer.
-- Edges are the only truth about merging: clusters are computed from them, undoing a merge is taking an edge away.
-- Records that share an identifier are tied to the smallest of them: a star has the same components as all pairs.
with shared as (
    select record_key, rule, identifier
    from {{ ref('id_identifier') }}
    where not is_hot
),

centres as (
    select rule, identifier, min(record_key) as record_key
    from shared
    group by rule, identifier
),

pointers as (
    select records.record_key, records.merged_into_key
    from {{ ref('id_record') }} as records
    inner join {{ ref('id_record') }} as successors on records.merged_into_key = successors.record_key
    where records.record_key <> records.merged_into_key
)

select
    centres.record_key as left_record_key,
    shared.record_key as right_record_key,
    shared.rule
from shared
inner join centres on shared.rule = centres.rule and shared.identifier = centres.identifier
where shared.record_key <> centres.record_key

union

select
    least(record_key, merged_into_key),
    greatest(record_key, merged_into_key),
    'pointer'
from pointers
