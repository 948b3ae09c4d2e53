-- Grain: kind of customer. Today's rates of merging, for the customers gate, which stands before any mart.
-- The mart gives the same rates for every date; a gate judges today's only, what was published was judged before.
-- A rate of fewer than 30 is no evidence and is NULL here: two records of one shop are half merged and quite right. Nor
-- are fewer than ten changed ids: of forty distributors three records that a steward merged are one in thirteen.
select
    effects.kind,
    effects.record_count,
    effects.customer_count,
    case
        when effects.record_count >= 30
            then {{ rate('effects.record_count - effects.customer_count', 'effects.record_count') }}
    end as merge_rate,
    effects.residual_duplicate_count,
    case
        when effects.customer_count >= 30
            then {{ rate('effects.residual_duplicate_count', 'effects.customer_count') }}
    end as residual_duplicate_rate,
    effects.changed_id_count,
    case
        when effects.record_count >= 30 and effects.changed_id_count not between 1 and 9
            then {{ rate('effects.changed_id_count', 'effects.record_count') }}
    end as changed_id_rate
from {{ ref('fct_merge_effect') }} as effects
inner join {{ ref('dim_run') }} as run on effects.as_of_date = run.as_of_date
