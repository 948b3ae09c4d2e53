-- Grain: service case opened by as_of_date.
-- How long a case took, as it stood at the end of as_of_date: what came later had not happened. Closing a case answers
-- it. Whether a service level was kept is judged once its hours are over, for fast and slow cases alike; judging
-- answered cases at once would make young periods look better than old ones. A customer is reached by the crosswalk.
with cases as (
    select
        cases.*,
        coalesce(cases.type, 'unknown') as case_type,
        {{ business_date('cases.opened_at') }} as opened_on,
        {{ known_by('cases.closed_at', 'run.as_of_date') }} as known_closed_at,
        {{ known_by('least(cases.first_reply_at, cases.closed_at)', 'run.as_of_date') }} as responded_at,
        {{ end_of_day('run.as_of_date') }} as as_of_end_at
    from {{ union_sources('cases') }} as cases
    inner join {{ ref('dim_run') }} as run on {{ business_date('cases.opened_at') }} <= run.as_of_date
    where not cases.is_deleted and cases.opened_at >= timestamp '1990-01-01'
),

timed as (
    select
        *,
        {{ hours_between('opened_at', 'responded_at') }} as response_hours,
        {{ hours_between('opened_at', 'known_closed_at') }} as resolution_hours,
        {{ hours_between('opened_at', 'as_of_end_at') }} as age_hours
    from cases
)

select
    timed.source || ':' || timed.case_id as case_key,
    timed.source,
    timed.source || ':' || timed.customer_id as record_key,
    timed.source || ':' || timed.owner_id as owner_key,
    timed.case_type,
    timed.topic,
    timed.status,
    cast(timed.opened_at as timestamp) as opened_at,
    timed.opened_on,
    cast(timed.responded_at as timestamp) as responded_at,
    cast(timed.known_closed_at as timestamp) as closed_at,
    timed.response_hours,
    timed.resolution_hours,
    coalesce(timed.age_hours >= rules.response_hours, false) as is_response_due,
    coalesce(timed.age_hours >= rules.response_hours and timed.response_hours <= rules.response_hours, false)
        as is_response_in_time,
    coalesce(timed.age_hours >= rules.resolution_hours, false) as is_resolution_due,
    coalesce(timed.age_hours >= rules.resolution_hours and timed.resolution_hours <= rules.resolution_hours, false)
        as is_resolution_in_time
from timed
left join {{ ref('service_level_rules') }} as rules on timed.case_type = rules.case_type
