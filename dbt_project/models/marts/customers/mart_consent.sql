-- Grain: purpose × month, from the first purchase on.
-- How many customers had agreed by the month's end, one merged customer once: a refusal of any of his records outweighs
-- every consent. Statements are each record's latest, so an early month does not know who consented then and withdrew
-- later; such customers are unanswered there. Merges notified and erasures belong to the month whatever the purpose.
{%- set share = ['coalesce(consents.consented_count, 0)', 'known.customer_count'] %}
with months as (
    select
        periods.period_start,
        periods.is_partial,
        least(periods.period_end, run.as_of_date) as known_on
    from {{ ref('dim_period') }} as periods
    cross join {{ ref('dim_run') }} as run
    where periods.period_grain = 'month'
),

customers as (
    select customer_id, coalesce({{ business_date('created_at') }}, date '1900-01-01') as created_on
    from {{ ref('id_survivor') }}
    where not is_deleted
),

events as (
    select *, {{ business_date('occurred_at') }} as occurred_on
    from {{ ref('fct_consent_event') }}
),

-- An answer counts from the customer's first day on; it may have come before the record was made.
answers as (
    select
        events.purpose,
        min(case when events.is_granted then greatest(events.occurred_on, customers.created_on) end) as granted_on,
        min(case when not events.is_granted then greatest(events.occurred_on, customers.created_on) end) as refused_on
    from events
    inner join customers on events.customer_id = customers.customer_id
    where events.event_type = 'statement'
    group by events.customer_id, events.purpose
),

-- Months are compared with days, not with customers: those who answered on the same days count together.
answered as (
    select purpose, granted_on, refused_on, count(*) as customer_count
    from answers
    group by purpose, granted_on, refused_on
),

purposes as (
    select 'marketing' as purpose
    union
    select purpose from answered
),

consents as (
    select
        answered.purpose,
        months.period_start,
        sum(
            case
                when answered.refused_on <= months.known_on or answered.granted_on is null then 0
                when answered.granted_on <= months.known_on then answered.customer_count
                else 0
            end
        ) as consented_count,
        sum(case when answered.refused_on <= months.known_on then answered.customer_count else 0 end) as refused_count
    from answered
    cross join months
    group by answered.purpose, months.period_start
),

created as (
    select created_on, count(*) as customer_count
    from customers
    group by created_on
),

known as (
    select months.period_start, sum(created.customer_count) as customer_count
    from created
    inner join months on created.created_on <= months.known_on
    group by months.period_start
),

noted as (
    select
        months.period_start,
        sum(case when events.event_type = 'notification' and lower(events.purpose) = 'merge' then 1 else 0 end)
            as notified_count,
        sum(case when events.event_type = 'erasure' then 1 else 0 end) as erased_count
    from events
    inner join months on events.occurred_on between months.period_start and months.known_on
    group by months.period_start
)

select
    cast(purposes.purpose as varchar) as purpose,
    cast('month' as varchar) as period_grain,
    cast(months.period_start as date) as period_start,
    cast(coalesce(consents.consented_count, 0) as bigint) as consented_count,
    cast(coalesce(consents.refused_count, 0) as bigint) as refused_count,
    cast(coalesce(known.customer_count, 0) as bigint) as customer_count,
    cast({{ rate(*share) }} as double) as consented_rate,
    cast({{ wilson_lower(*share) }} as double) as consented_rate_lower,
    cast({{ wilson_upper(*share) }} as double) as consented_rate_upper,
    cast(coalesce(noted.notified_count, 0) as bigint) as notified_count,
    cast(coalesce(noted.erased_count, 0) as bigint) as erased_count,
    months.is_partial
from purposes
cross join months
left join consents on purposes.purpose = consents.purpose and months.period_start = consents.period_start
left join known on months.period_start = known.period_start
left join noted on months.period_start = noted.period_start
