-- Grain: kind of customer. Today's rates of merging, for the customers gate, which stands before any mart.
-- The mart gives the same rates for every date; a gate judges today's only, what was published was judged before.
select
    effects.kind,
    effects.record_count,
    effects.customer_count,
    {{ rate('effects.record_count - effects.customer_count', 'effects.record_count') }} as merge_rate,
    effects.residual_duplicate_count,
    {{ rate('effects.residual_duplicate_count', 'effects.customer_count') }} as residual_duplicate_rate
from {{ ref('fct_merge_effect') }} as effects
inner join {{ ref('dim_run') }} as run on effects.as_of_date = run.as_of_date
