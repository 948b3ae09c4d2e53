-- Grain: customer record of Fxiaoke (AccountObj): a shop, a distributor or a single person.
-- The people who work for a customer are no customers (stg_fxiaoke__account_contacts). A voided record (作废) counts as
-- deleted; where the custom field says into which customer it was merged, its orders go there.
{{ config(enabled='fxiaoke' in var('sources')) }}
{%- set typed = {
    'birth_date': to_date('birth_date'),
    'created_at': to_utc_timestamp('created_at', 'Asia/Shanghai'),
    'modified_at': to_utc_timestamp('modified_at', 'Asia/Shanghai'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('fxiaoke', 'accounts') }}
)

select
    cast('fxiaoke' as varchar) as source,
    {{ to_text('account_id') }} as customer_id,
    case {{ to_text('record_type') }}
        when '个人客户' then 'person'
        when '零售门店' then 'store'
        when '经销商' then 'distributor'
    end as kind,
    {{ to_text('name') }} as name,
    {{ to_text('phone') }} as phone,
    {{ to_text('email') }} as email,
    {{ to_text('openid') }} as wechat_openid,
    {{ to_text('uscc') }} as uscc,
    {{ to_text('gender') }} as gender,
    typed_birth_date as birth_date,
    {{ to_text('province') }} as province,
    {{ to_text('city') }} as city,
    {{ to_text('district') }} as district,
    {{ to_text('address') }} as address,
    {{ to_text('channel') }} as channel,
    {{ to_text('level') }} as level,
    {{ to_first_item('owner_id') }} as owner_id,
    {{ to_text('parent_account_id') }} as parent_id,
    {{ to_text('referrer_id') }} as referrer_id,
    replace({{ to_text('tags') }}, '；', ';') as tags,
    {{ to_text('life_status') }} as status,
    typed_created_at as created_at,
    {{ to_text('merged_into_id') }} as merged_into_id,
    typed_modified_at as modified_at,
    _is_deleted or coalesce({{ to_text('life_status') }} in ('作废', 'invalid'), false) as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
