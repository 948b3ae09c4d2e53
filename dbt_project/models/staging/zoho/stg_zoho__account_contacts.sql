-- Grain: contact with an account: a person who works there.
-- A relation, not a customer; contacts without an account are consumers (stg_zoho__customers).
{{ config(enabled='zoho' in var('sources')) }}
{%- set typed = {
    'created_time': to_utc_timestamp('created_time', 'UTC'),
    'modified_time': to_utc_timestamp('modified_time', 'UTC'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('zoho', 'contacts') }}
)

select
    cast('zoho' as varchar) as source,
    {{ to_text('id') }} as contact_id,
    {{ to_text('account_name') }} as customer_id,
    {{ to_text('full_name') }} as name,
    {{ to_text('occupation') }} as job_title,
    coalesce({{ to_text('mobile') }}, {{ to_text('phone') }}) as mobile,
    {{ to_text('email') }} as email,
    {{ to_text('wechat_openid') }} as wechat_openid,
    {{ to_text('owner') }} as owner_id,
    typed_created_time as created_at,
    typed_modified_time as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
where {{ to_text('account_name') }} is not null
