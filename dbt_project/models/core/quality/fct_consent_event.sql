-- Grain: record × purpose with an answer, each notice sent to a customer, and each erasure.
-- Sources keep a record's latest answer only: what it said before is not known. For marketing consent_marketing is one
-- more answer, of the day on which the record was made. Of what a record says of a purpose, however spelled, a refusal
-- counts before a consent, then a statement before the flag; beside an answer that cannot be read nothing is a consent.
-- Deleted records beside living ones consent to nothing, but who refused has refused. Of an erased customer only the
-- number and the day are left.
with said as (
    select
        source || ':' || customer_id as record_key,
        {{ strip_blanks('lower(purpose)') }} as purpose,
        granted as is_granted,
        false as is_flag,
        coalesce(granted_at, modified_at) as occurred_at
    from {{ union_sources('consents') }}
    where not is_deleted
    union all
    select
        record_key,
        'marketing' as purpose,
        consent_marketing as is_granted,
        true as is_flag,
        created_at as occurred_at
    from {{ ref('id_record') }}
    where consent_marketing is not null
),

dated as (
    select
        record_key,
        purpose,
        is_granted,
        is_flag,
        coalesce(cast(occurred_at as timestamp), timestamp '1900-01-01') as occurred_at
    from said
),

statements as (
    select
        record_key,
        purpose,
        min(case when is_granted then 1 else 0 end) = 1 as is_granted,
        coalesce(
            min(case when not is_granted and not is_flag then occurred_at end),
            min(case when not is_granted then occurred_at end),
            min(case when not is_flag then occurred_at end),
            min(occurred_at)
        ) as occurred_at
    from dated
    group by record_key, purpose
    having count(is_granted) = count(*) or count(case when not is_granted then 1 end) > 0
),

events as (
    select 'statement' as event_type, record_key, purpose, is_granted, occurred_at from statements
    union all
    select
        'notification' as event_type,
        source || ':' || customer_id as record_key,
        kind as purpose,
        cast(null as boolean) as is_granted,
        cast(sent_at as timestamp) as occurred_at
    from {{ union_sources('notifications') }}
    where not is_deleted and sent_at is not null
)

select
    events.event_type,
    crosswalk.customer_id,
    events.record_key,
    events.purpose,
    events.is_granted,
    events.occurred_at
from events
inner join {{ ref('id_crosswalk') }} as crosswalk on events.record_key = crosswalk.record_key
left join {{ ref('id_attribute') }} as speaking on events.record_key = speaking.record_key
where events.event_type <> 'statement' or speaking.record_key is not null or not events.is_granted

union all

select
    'erasure',
    customer_id,
    'erased:' || customer_id,
    'erasure',
    cast(null as boolean),
    erased_at
from {{ ref('stg_ledger__erasures') }}
