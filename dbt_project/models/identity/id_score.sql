-- Grain: candidate pair.
-- The weights of this run; the next run finds here those that it need not compute again.
select
    left_record_key,
    right_record_key,
    match_weight,
    pair_hash,
    model_hash
from {{ ref('id_pair_score') }}
