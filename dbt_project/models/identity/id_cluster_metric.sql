-- Grain: customer of several records.
-- A second look at merging, by other means than those that merged: any two records of a customer that cannot be one are
-- counted. Customers that a steward forced together may hold such, and are not counted.
with records as (
    select
        crosswalk.customer_id,
        records.*
    from {{ ref('id_record') }} as records
    inner join {{ ref('id_crosswalk') }} as crosswalk on records.record_key = crosswalk.record_key
),

merged as (
    select
        customer_id,
        count(*) as record_count,
        count(distinct case when party = 'person' and not is_name_partial then name_pinyin end) as full_name_count,
        count(distinct uscc_key) as uscc_count,
        count(distinct case when party <> 'unknown' then party end) as party_count,
        -- Only records that differ in one of these can hold a veto.
        min(party) <> max(party)
        or min(uscc_key) <> max(uscc_key)
        or min(name_pinyin) <> max(name_pinyin)
        or min(surname_pinyin) <> max(surname_pinyin)
        or min(store_token) <> max(store_token)
        or min(birth_key) <> max(birth_key) and min(given_key) <> max(given_key) as is_doubtful
    from records
    group by customer_id
    having count(*) > 1
),

doubtful as (
    select records.*
    from records
    inner join merged on records.customer_id = merged.customer_id
    where merged.is_doubtful
),

vetoed as (
    select
        lefts.customer_id,
        count(*) as veto_count
    from doubtful as lefts
    inner join doubtful as rights on lefts.customer_id = rights.customer_id and lefts.record_key < rights.record_key
    where {{ is_vetoed('lefts', 'rights') }}
    group by lefts.customer_id
),

edges as (
    select
        lefts.customer_id,
        count(*) as edge_count,
        min(edges.weight) as weakest_weight,
        max(case when edges.rule = 'steward' then 1 else 0 end) as is_forced
    from {{ ref('id_edge') }} as edges
    inner join {{ ref('id_crosswalk') }} as lefts on edges.left_record_key = lefts.record_key
    inner join {{ ref('id_crosswalk') }} as rights
        on edges.right_record_key = rights.record_key and lefts.customer_id = rights.customer_id
    where edges.verdict = 'same'
    group by lefts.customer_id
)

select
    merged.customer_id,
    merged.record_count,
    coalesce(edges.edge_count, 0) as edge_count,
    edges.weakest_weight,
    merged.full_name_count,
    merged.uscc_count,
    merged.party_count,
    case when coalesce(edges.is_forced, 0) = 1 then 0 else coalesce(vetoed.veto_count, 0) end as veto_count,
    coalesce(edges.is_forced, 0) = 1 as is_forced
from merged
left join edges on merged.customer_id = edges.customer_id
left join vetoed on merged.customer_id = vetoed.customer_id
