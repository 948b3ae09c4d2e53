{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ forget_changed('record_key', 'id_record_change') }}"
) }}
-- Grain: source record of a customer, newest version, deleted ones included (their orders still need a customer).
-- Adds to each record the keys that identify it: valid, normalised, or NULL. The raw values stay beside them, so
-- that a value dropped as invalid can be counted apart from one that was never there. Names and addresses were taken
-- apart once for each text.
-- depends_on: {{ ref('id_record_change') }}
with records as (
    select
        *,
        {{ staged_hash() }} as staged_hash
    from {{ changed_customers() }} as customers
),

titles as (
    select title, sex
    from {{ ref('name_titles') }}
    where sex is not null
),

placeholders as (
    select kind, placeholder from {{ ref('placeholder_values') }}
),

keyed as (
    select
        records.*,
        records.source || ':' || records.customer_id as record_key,
        {{ is_company_name('records.kind', 'records.name') }} as is_company,
        {{ phone_text('records.phone') }} as phone_text,
        {{ email_key('records.email') }} as email_key,
        {{ uscc_key('records.uscc') }} as uscc_key,
        {{ openid_key('records.wechat_openid') }} as openid_key,
        {{ plausible_birth_date('birth_date', first_known_on()) }} as birth_key
    from records
),

dialled as (
    select
        *,
        {{ national_number('phone_text') }} as national_number,
        {{ foreign_number('phone_text') }} as foreign_number
    from keyed
),

told as (
    select
        dialled.*,
        {{ phone_type('dialled.national_number') }} as phone_type,
        bad_phone.placeholder is not null as is_phone_placeholder
    from dialled
    left join placeholders as bad_phone on bad_phone.kind = 'phone' and dialled.national_number = bad_phone.placeholder
)

select
    told.record_key,
    told.source,
    told.customer_id as source_customer_id,
    coalesce(told.kind, 'unknown') as kind,
    case
        when told.kind in ('store', 'distributor') then 'organisation'
        when told.is_company then 'unknown'
        else coalesce(told.kind, 'unknown')
    end as party,
    {%- for column in kept_columns() %}
    told.{{ column }},
    {%- endfor %}
    names.name_key,
    names.name_pinyin,
    names.surname_key,
    names.given_key,
    names.surname_pinyin,
    names.given_pinyin,
    names.name_title,
    {{ sex_key('told.gender', 'titles.sex') }} as sex_key,
    names.is_name_partial,
    names.company_core,
    names.store_token,
    case when not told.is_phone_placeholder and told.phone_type = 'mobile' then told.national_number end as mobile_key,
    case
        when told.is_phone_placeholder then null
        else coalesce({{ e164('told.national_number') }}, told.foreign_number)
    end as phone_key,
    case when told.foreign_number is not null then 'foreign' else told.phone_type end as phone_type,
    case
        when told.phone_text is null then null
        when told.is_phone_placeholder then 'placeholder'
        when coalesce(told.national_number, told.foreign_number) is not null then 'valid'
        when {{ is_scientific('told.phone_text') }} then 'scientific'
        else 'malformed'
    end as phone_quality,
    case when coalesce(bad_email.placeholder, bad_box.placeholder) is null then told.email_key end as email_key,
    case when bad_uscc.placeholder is null then told.uscc_key end as uscc_key,
    case when coalesce(bad_openid.placeholder, bad_word.placeholder) is null then told.openid_key end as openid_key,
    case when bad_birth.placeholder is null then told.birth_key end as birth_key,
    addresses.province_code,
    addresses.city_code,
    addresses.county_code,
    addresses.address_detail,
    addresses.address_place,
    addresses.address_unit,
    told.source || ':' || told.merged_into_id as merged_into_key,
    told.is_deleted,
    told.staged_hash
from told
left join {{ ref('id_name') }} as names on told.name = names.name and told.is_company = names.is_company
left join titles on names.name_title = titles.title
left join {{ ref('id_address') }} as addresses on {{ is_same_address('addresses', 'told') }}
left join placeholders as bad_uscc on bad_uscc.kind = 'uscc' and told.uscc_key = bad_uscc.placeholder
left join placeholders as bad_openid on bad_openid.kind = 'openid' and lower(told.openid_key) = bad_openid.placeholder
left join placeholders as bad_word
    on bad_word.kind = 'openid' and {{ unnumbered('lower(told.openid_key)') }} = bad_word.placeholder
left join placeholders as bad_email on bad_email.kind = 'email' and told.email_key = bad_email.placeholder
left join placeholders as bad_box
    on bad_box.kind = 'email' and {{ unnumbered(regexp_extract('told.email_key', '^([^@]+)@')) }} = bad_box.placeholder
left join placeholders as bad_birth
    on bad_birth.kind = 'birth_date' and cast(told.birth_key as varchar) = bad_birth.placeholder
