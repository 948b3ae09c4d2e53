-- Grain: pair of records × who says that they are one customer, may be, or must not be.
-- Edges are the only truth about merging: clusters are computed from them, undoing a merge is taking an edge away.
-- Weights are log2 of the odds; a steward's word and the source's own merge stand above every score.
with records as (
    select record_key, merged_into_key from {{ ref('id_record') }}
),

pointers as (
    select distinct
        least(records.record_key, records.merged_into_key) as left_record_key,
        greatest(records.record_key, records.merged_into_key) as right_record_key
    from records
    inner join records as successors on records.merged_into_key = successors.record_key
    where records.record_key <> records.merged_into_key
),

edges as (
    select
        left_record_key,
        right_record_key,
        'same' as verdict,
        exact_rule as rule,
        exact_weight as weight,
        'equal ' || replace(exact_rule, '_', ' and ') as reason
    from {{ ref('id_pair') }}
    where exact_rule is not null

    union all

    select
        left_record_key,
        right_record_key,
        case when match_weight >= {{ var('auto_weight') }} then 'same' else 'review' end,
        'model',
        match_weight,
        'weight of all fields'
    from {{ ref('id_score') }}
    where match_weight >= {{ var('review_weight') }}

    union all

    select
        left_record_key,
        right_record_key,
        'same',
        'pointer',
        100,
        'merged in the source itself'
    from pointers

    union all

    select distinct
        overrides.left_record_key,
        overrides.right_record_key,
        case when overrides.decision = 'force' then 'same' else 'never' end,
        'steward',
        1000,
        overrides.reason
    from {{ ref('stg_ledger__merge_overrides') }} as overrides
    inner join records as lefts on overrides.left_record_key = lefts.record_key
    inner join records as rights on overrides.right_record_key = rights.record_key
)

select
    left_record_key,
    right_record_key,
    cast(verdict as varchar) as verdict,
    cast(rule as varchar) as rule,
    cast(weight as double) as weight,
    cast(reason as varchar) as reason
from edges
