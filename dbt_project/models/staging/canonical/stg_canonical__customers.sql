-- Grain: customer record of the source, before any merging.
-- The raw texts of phone, e-mail and credit code stay as they came: identity decides which of them identify anybody.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'kind': to_choice('kind', ['person', 'store', 'distributor']),
    'birth_date': to_date('birth_date'),
    'created_at': to_utc_timestamp('created_at', 'UTC'),
    'consent_marketing': to_boolean('consent_marketing'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'customers') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('customer_id') }} as customer_id,
    typed_kind as kind,
    {{ to_text('name') }} as name,
    {{ to_text('phone') }} as phone,
    {{ to_text('email') }} as email,
    {{ to_text('wechat_openid') }} as wechat_openid,
    {{ to_text('uscc') }} as uscc,
    {{ to_text('gender') }} as gender,
    typed_birth_date as birth_date,
    {{ to_text('occupation') }} as occupation,
    {{ to_text('province') }} as province,
    {{ to_text('city') }} as city,
    {{ to_text('district') }} as district,
    {{ to_text('address') }} as address,
    {{ to_text('channel') }} as channel,
    {{ to_text('level') }} as level,
    {{ to_text('owner_id') }} as owner_id,
    {{ to_text('parent_id') }} as parent_id,
    {{ to_text('referrer_id') }} as referrer_id,
    {{ to_text('tags') }} as tags,
    {{ to_text('status') }} as status,
    typed_created_at as created_at,
    typed_consent_marketing as consent_marketing,
    {{ to_text('merged_into_id') }} as merged_into_id,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
