-- Grain: customer about whom there is a doubt: the guards against merging too little and too much.
-- Residual duplicate: shares a name and an identifier of its own with another customer, and nothing speaks against it.
-- For review: an edge to another customer waits for a steward, because it is weak or a veto stands against it. What a
-- steward said of two records holds for the customers that they are of, as in the queue of `liucun review`.
-- Suspect: holds records that cannot be one customer, though no steward forced them together.
with records as (
    select
        crosswalk.customer_id,
        records.*
    from {{ ref('id_record') }} as records
    inner join {{ ref('id_crosswalk') }} as crosswalk on records.record_key = crosswalk.record_key
),

apart as (
    select
        edges.left_record_key,
        edges.right_record_key,
        edges.verdict,
        edges.rule,
        lefts.customer_id as left_customer_id,
        rights.customer_id as right_customer_id,
        lefts.name_key = rights.name_key and not {{ is_vetoed('lefts', 'rights') }} as is_alike
    from {{ ref('id_edge') }} as edges
    inner join records as lefts on edges.left_record_key = lefts.record_key
    inner join records as rights on edges.right_record_key = rights.record_key
    where lefts.customer_id <> rights.customer_id
),

decided as (
    select distinct
        least(left_customer_id, right_customer_id) as one,
        greatest(left_customer_id, right_customer_id) as other
    from apart
    where verdict = 'never'
),

open_edges as (
    select
        apart.left_customer_id,
        apart.right_customer_id,
        max(case when apart.verdict = 'same' and apart.rule <> 'model' and apart.is_alike then 1 else 0 end)
            as is_residual_duplicate
    from apart
    left join decided
        on least(apart.left_customer_id, apart.right_customer_id) = decided.one
        and greatest(apart.left_customer_id, apart.right_customer_id) = decided.other
    where apart.verdict <> 'never' and decided.one is null
    group by apart.left_customer_id, apart.right_customer_id
),

doubts as (
    select left_customer_id as customer_id, is_residual_duplicate, 1 as is_for_review, 0 as is_suspect from open_edges
    union all
    select right_customer_id, is_residual_duplicate, 1, 0 from open_edges
    union all
    select
        customer_id,
        0,
        0,
        1
    from {{ ref('id_cluster_metric') }}
    where veto_count > 0
)

select
    customer_id,
    max(is_residual_duplicate) = 1 as is_residual_duplicate,
    max(is_for_review) = 1 as is_for_review,
    max(is_suspect) = 1 as is_suspect
from doubts
group by customer_id
