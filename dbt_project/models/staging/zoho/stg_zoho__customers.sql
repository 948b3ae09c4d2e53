-- Grain: account, or contact without an account (a consumer). Ids are Zoho's, unique across modules.
-- A contact with an account is a person of it, no customer (stg_zoho__account_contacts). Email_Opt_Out says who refused
-- marketing; who did not tick it has not agreed to anything.
{{ config(enabled='zoho' in var('sources')) }}
{%- set typed_accounts = {
    'account_type': to_choice('account_type', ['store', 'distributor']),
    'created_time': to_utc_timestamp('created_time', 'UTC'),
    'modified_time': to_utc_timestamp('modified_time', 'UTC'),
} %}
{%- set typed_contacts = {
    'date_of_birth': to_date('date_of_birth'),
    'email_opt_out': to_boolean('email_opt_out'),
    'created_time': to_utc_timestamp('created_time', 'UTC'),
    'modified_time': to_utc_timestamp('modified_time', 'UTC'),
} %}

with account_cells as (
    select
        *,
        {{ typed_columns(typed_accounts) }}
    from {{ current_versions('zoho', 'accounts') }}
),

contact_cells as (
    select
        *,
        {{ typed_columns(typed_contacts) }}
    from {{ current_versions('zoho', 'contacts') }}
    where {{ to_text('account_name') }} is null
)

select
    cast('zoho' as varchar) as source,
    {{ to_text('id') }} as customer_id,
    typed_account_type as kind,
    {{ to_text('account_name') }} as name,
    {{ to_text('phone') }} as phone,
    {{ to_text('email') }} as email,
    cast(null as varchar) as wechat_openid,
    {{ to_text('uscc') }} as uscc,
    cast(null as varchar) as gender,
    cast(null as date) as birth_date,
    cast(null as varchar) as occupation,
    {{ to_text('billing_state') }} as province,
    {{ to_text('billing_city') }} as city,
    {{ to_text('billing_district') }} as district,
    {{ to_text('billing_street') }} as address,
    {{ to_text('account_source') }} as channel,
    {{ to_text('rating') }} as level,
    {{ to_text('owner') }} as owner_id,
    {{ to_text('parent_account') }} as parent_id,
    cast(null as varchar) as referrer_id,
    replace({{ to_text('tag') }}, ',', ';') as tags,
    typed_created_time as created_at,
    cast(null as boolean) as consent_marketing,
    typed_modified_time as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed_accounts) }} as uncast_count
from account_cells

union all

select
    cast('zoho' as varchar) as source,
    {{ to_text('id') }} as customer_id,
    cast('person' as varchar) as kind,
    {{ to_text('full_name') }} as name,
    coalesce({{ to_text('mobile') }}, {{ to_text('phone') }}) as phone,
    {{ to_text('email') }} as email,
    {{ to_text('wechat_openid') }} as wechat_openid,
    cast(null as varchar) as uscc,
    {{ to_text('gender') }} as gender,
    typed_date_of_birth as birth_date,
    {{ to_text('occupation') }} as occupation,
    {{ to_text('mailing_state') }} as province,
    {{ to_text('mailing_city') }} as city,
    cast(null as varchar) as district,
    {{ to_text('mailing_street') }} as address,
    {{ to_text('lead_source') }} as channel,
    {{ to_text('level') }} as level,
    {{ to_text('owner') }} as owner_id,
    cast(null as varchar) as parent_id,
    {{ to_text('referred_by') }} as referrer_id,
    replace({{ to_text('tag') }}, ',', ';') as tags,
    typed_created_time as created_at,
    case when typed_email_opt_out then false end as consent_marketing,
    typed_modified_time as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed_contacts) }} as uncast_count
from contact_cells
