-- Grain: source record of a customer, newest version, deleted ones included (their orders still need a customer).
-- Adds to each record the keys that identify it: valid, normalised, or NULL. The raw values stay beside them, so
-- that a value dropped as invalid can be counted apart from one that was never there.
with records as (
    select * from {{ union_sources('customers') }}
),

placeholders as (
    select kind, placeholder from {{ ref('placeholder_values') }}
),

keyed as (
    select
        records.*,
        records.source || ':' || records.customer_id as record_key,
        {{ name_key('records.name') }} as name_key,
        {{ mobile_key('records.phone') }} as mobile_key,
        {{ email_key('records.email') }} as email_key,
        {{ uscc_key('records.uscc') }} as uscc_key,
        nullif(trim(records.wechat_openid), '') as openid_key
    from records
)

select
    keyed.record_key,
    keyed.source,
    keyed.customer_id as source_customer_id,
    coalesce(keyed.kind, 'unknown') as kind,
    keyed.name,
    keyed.phone,
    keyed.email,
    keyed.wechat_openid,
    keyed.uscc,
    keyed.gender,
    keyed.birth_date,
    keyed.occupation,
    keyed.province,
    keyed.city,
    keyed.district,
    keyed.address,
    keyed.channel,
    keyed.level,
    keyed.owner_id,
    keyed.tags,
    keyed.status,
    keyed.created_at,
    keyed.modified_at,
    keyed.consent_marketing,
    case when bad_name.placeholder is null then keyed.name_key end as name_key,
    case when bad_phone.placeholder is null then keyed.mobile_key end as mobile_key,
    case when bad_email.placeholder is null then keyed.email_key end as email_key,
    case when bad_uscc.placeholder is null then keyed.uscc_key end as uscc_key,
    case when bad_openid.placeholder is null then keyed.openid_key end as openid_key,
    keyed.source || ':' || keyed.merged_into_id as merged_into_key,
    keyed.is_deleted
from keyed
left join placeholders as bad_name on bad_name.kind = 'name' and keyed.name_key = bad_name.placeholder
left join placeholders as bad_phone on bad_phone.kind = 'phone' and keyed.mobile_key = bad_phone.placeholder
left join placeholders as bad_uscc on bad_uscc.kind = 'uscc' and keyed.uscc_key = bad_uscc.placeholder
left join placeholders as bad_openid
    on bad_openid.kind = 'openid' and lower(keyed.openid_key) = bad_openid.placeholder
left join placeholders as bad_email on bad_email.kind = 'email' and keyed.email_key = bad_email.placeholder
