{{ config(
    materialized='incremental', incremental_strategy='append', full_refresh=false,
    pre_hook="{{ forget_scores_of_other_pairs() }}"
) }}
-- Grain: candidate pair.
-- Its weight under the model of its party. Weights are kept from run to run, also when all else is built anew: one
-- counts for the same pair, features and model only, and every run takes out those that do so no more.
-- depends_on: {{ ref('id_pair') }}
-- depends_on: {{ ref('stg_ledger__match_models') }}
select
    left_record_key,
    right_record_key,
    match_weight,
    pair_hash,
    model_hash
from {{ ref('id_pair_score') }}
