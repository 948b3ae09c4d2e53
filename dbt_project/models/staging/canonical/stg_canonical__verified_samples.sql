-- Grain: customer × attribute that was checked by hand.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'verified_at': to_utc_timestamp('verified_at', 'UTC'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'verified_samples') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('customer_id') }} as customer_id,
    {{ to_text('attribute') }} as attribute,
    {{ to_text('verified_value') }} as verified_value,
    typed_verified_at as verified_at,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
