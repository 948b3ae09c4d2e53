-- Grain: person at a customer (ContactObj).
-- A relation, not a customer: a shop's owner and its cashier are two people and one customer.
{{ config(enabled='fxiaoke' in var('sources')) }}
{%- set typed = {
    'created_at': to_utc_timestamp('created_at', 'Asia/Shanghai'),
    'modified_at': to_utc_timestamp('modified_at', 'Asia/Shanghai'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('fxiaoke', 'contacts') }}
)

select
    cast('fxiaoke' as varchar) as source,
    {{ to_text('contact_id') }} as contact_id,
    {{ to_text('account_id') }} as customer_id,
    {{ to_text('name') }} as name,
    {{ to_text('job_title') }} as job_title,
    {{ to_text('mobile') }} as mobile,
    {{ to_text('email') }} as email,
    {{ to_text('openid') }} as wechat_openid,
    {{ to_first_item('owner_id') }} as owner_id,
    typed_created_at as created_at,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
