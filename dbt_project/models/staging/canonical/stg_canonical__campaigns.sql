-- Grain: campaign of the source.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'start_on': to_date('start_on'),
    'end_on': to_date('end_on'),
    'cost_amount': to_decimal('cost_amount'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'campaigns') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('campaign_id') }} as campaign_id,
    {{ to_text('name') }} as name,
    {{ to_text('type') }} as type,
    typed_start_on as start_on,
    typed_end_on as end_on,
    typed_cost_amount as cost_amount,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
