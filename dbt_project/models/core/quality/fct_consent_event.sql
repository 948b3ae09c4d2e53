-- Grain: record × purpose with a statement, each notice sent to a customer, and each erasure.
-- Sources keep a record's latest answer only: what it said before is not known. Where a record has no statement for
-- marketing, its consent_marketing speaks, from the day on which the record was made. Deleted records beside living
-- ones consent to nothing, but who refused has refused. Of an erased customer only the number and the day are left.
with statements as (
    select
        source || ':' || customer_id as record_key,
        purpose,
        granted as is_granted,
        coalesce(granted_at, modified_at) as occurred_at
    from {{ union_sources('consents') }}
    where not is_deleted and granted is not null
),

flags as (
    select
        records.record_key,
        'marketing' as purpose,
        records.consent_marketing as is_granted,
        records.created_at as occurred_at
    from {{ ref('id_record') }} as records
    left join statements on records.record_key = statements.record_key and statements.purpose = 'marketing'
    where records.consent_marketing is not null and statements.record_key is null
),

events as (
    select 'statement' as event_type, record_key, purpose, is_granted, occurred_at from statements
    union all
    select 'statement' as event_type, record_key, purpose, is_granted, occurred_at from flags
    union all
    select
        'notification' as event_type,
        source || ':' || customer_id as record_key,
        kind as purpose,
        cast(null as boolean) as is_granted,
        sent_at as occurred_at
    from {{ union_sources('notifications') }}
    where not is_deleted and sent_at is not null
)

select
    events.event_type,
    crosswalk.customer_id,
    events.record_key,
    events.purpose,
    events.is_granted,
    coalesce(cast(events.occurred_at as timestamp), timestamp '1900-01-01') as occurred_at
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
