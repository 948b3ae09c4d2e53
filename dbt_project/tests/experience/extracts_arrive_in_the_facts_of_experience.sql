-- Cases and feedback of staging that are neither deleted, undated nor later than as_of_date against the facts. A row
-- names the fact that has lost or gained some.
with staged as (
    select
        'fct_case' as fact,
        count(*) as expected
    from {{ union_sources('cases') }} as cases
    cross join {{ ref('dim_run') }} as run
    where
        not cases.is_deleted
        and {{ business_date('cases.opened_at') }} <= run.as_of_date
    union all
    select
        'fct_feedback' as fact,
        count(*) as expected
    from {{ union_sources('feedback') }} as feedback
    cross join {{ ref('dim_run') }} as run
    where
        not feedback.is_deleted
        and {{ business_date('coalesce(feedback.sent_at, feedback.answered_at)') }} <= run.as_of_date
),

facts as (
    select 'fct_case' as fact, count(*) as found from {{ ref('fct_case') }}
    union all
    select 'fct_feedback' as fact, count(*) as found from {{ ref('fct_feedback') }}
)

select
    staged.fact,
    staged.expected,
    facts.found
from staged
inner join facts on staged.fact = facts.fact
where staged.expected <> facts.found
