{{ config(materialized='view') }}
-- Grain: source record, every one once.
-- The only way from a source's record to a customer; facts keep the record key, so undoing a merge touches no fact.
select
    record_key,
    customer_id
from {{ ref('id_assignment') }}
