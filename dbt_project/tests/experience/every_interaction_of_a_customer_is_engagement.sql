-- Interactions that took place by as_of_date with a customer against those of all customers and months in the mart.
with interactions as (
    select count(*) as expected
    from {{ ref('fct_interaction') }} as interactions
    inner join {{ ref('id_crosswalk') }} as crosswalk on interactions.record_key = crosswalk.record_key
    cross join {{ ref('dim_run') }} as run
    where not interactions.is_deleted and interactions.started_on <= run.as_of_date
),

engagement as (
    select coalesce(sum(interaction_count), 0) as found from {{ ref('mart_engagement') }}
)

select
    interactions.expected,
    engagement.found
from interactions
cross join engagement
where interactions.expected <> engagement.found
