-- Grain: pair of records that a sample offered for labelling, labelled or not.
-- pair_count_of_band: how many pairs the band held when the pair was drawn, so that a label counts for as many.
select
    label_number,
    left_record_key,
    right_record_key,
    band,
    cast(pair_count_of_band as bigint) as pair_count_of_band,
    cast(weight as double) as weight,
    is_same,
    labelled_by,
    cast(labelled_at as timestamp) as labelled_at
from {{ source('ledger', 'match_labels') }}
