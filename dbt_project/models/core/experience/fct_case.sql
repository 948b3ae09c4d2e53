-- Grain: service case opened by as_of_date.
-- How long a case took, as it stood at the end of as_of_date. Closing a case answers it. Whether a service level was
-- kept is judged once its hours are over; judging answered cases at once would make young periods look better. A
-- reply or closing stamped before the opening (is_misdated) came, nobody knows when: it has no hours and is not judged.
with cases as (
    select
        cases.*,
        coalesce(cases.type, 'unknown') as case_type,
        {{ business_date('cases.opened_at') }} as opened_on,
        {{ known_by(not_before('cases.first_reply_at', 'cases.opened_at'), 'run.as_of_date') }} as known_reply_at,
        {{ known_by(not_before('cases.closed_at', 'cases.opened_at'), 'run.as_of_date') }} as known_closed_at,
        {{ end_of_day('run.as_of_date') }} as as_of_end_at
    from {{ union_sources('cases') }} as cases
    inner join {{ ref('dim_run') }} as run on {{ business_date('cases.opened_at') }} <= run.as_of_date
    where not cases.is_deleted
),

answered as (
    select
        *,
        coalesce(
            least(known_reply_at, case when known_closed_at >= opened_at then known_closed_at end), known_closed_at
        ) as responded_at
    from cases
),

timed as (
    select
        *,
        {{ hours_between('opened_at', 'responded_at') }} as response_hours,
        {{ hours_between('opened_at', 'known_closed_at') }} as resolution_hours,
        {{ hours_between('opened_at', 'as_of_end_at') }} as age_hours
    from answered
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
    coalesce(timed.age_hours >= rules.response_hours, false)
    and (timed.response_hours is not null or timed.responded_at is null) as is_response_due,
    coalesce(timed.age_hours >= rules.response_hours and timed.response_hours <= rules.response_hours, false)
        as is_response_in_time,
    coalesce(timed.age_hours >= rules.resolution_hours, false)
    and (timed.resolution_hours is not null or timed.known_closed_at is null) as is_resolution_due,
    coalesce(timed.age_hours >= rules.resolution_hours and timed.resolution_hours <= rules.resolution_hours, false)
        as is_resolution_in_time,
    (timed.response_hours is null and timed.responded_at is not null)
    or (timed.resolution_hours is null and timed.known_closed_at is not null) as is_misdated
from timed
left join {{ ref('service_level_rules') }} as rules on timed.case_type = rules.case_type
