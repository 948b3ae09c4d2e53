-- Grain: customer × moment of a change of owner.
-- A period has no end of its own: the next row of the customer ends it, so that late rows need no correction of others.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'from_at': to_utc_timestamp('from_at', 'UTC'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'owner_history') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('customer_id') }} as customer_id,
    {{ to_text('owner_id') }} as owner_id,
    typed_from_at as from_at,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
