-- Cases and feedback of the facts against those of customers and the orphans of reconciliation: what is in no mart is
-- counted there, erased people's aside. A row names what is counted neither here nor there, or twice.
with facts as (
    select 'cases' as figure, count(*) as expected
    from {{ ref('fct_case') }}
    where coalesce(record_key, '') <> source || ':' || {{ erased_customer() }}
    union all
    select 'feedback' as figure, count(*) as expected
    from {{ ref('fct_feedback') }}
    where coalesce(record_key, '') <> source || ':' || {{ erased_customer() }}
),

owned as (
    select 'cases' as figure, sum(case_count) as owned_count
    from {{ ref('mart_service') }}
    where period_grain = 'month' and segment_type = 'all' and case_type = 'all'
    union all
    select 'feedback' as figure, count(*) as owned_count
    from {{ ref('fct_feedback') }}
    where record_key in (select crosswalk.record_key from {{ ref('id_crosswalk') }} as crosswalk)
),

orphans as (
    select
        sum(reconciliation.orphan_case_count) as case_count,
        sum(reconciliation.orphan_feedback_count) as feedback_count
    from {{ ref('mart_reconciliation') }} as reconciliation
    inner join {{ ref('dim_run') }} as run on reconciliation.as_of_date = run.as_of_date
)

select
    facts.figure,
    facts.expected,
    owned.owned_count,
    case facts.figure when 'cases' then orphans.case_count else orphans.feedback_count end as orphan_count
from facts
inner join owned on facts.figure = owned.figure
cross join orphans
where
    facts.expected <> coalesce(owned.owned_count, 0)
    + coalesce(case facts.figure when 'cases' then orphans.case_count else orphans.feedback_count end, 0)
