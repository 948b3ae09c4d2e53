-- Grain: campaign.
{{ config(enabled='zoho' in var('sources')) }}
{%- set typed = {
    'start_date': to_date('start_date'),
    'end_date': to_date('end_date'),
    'actual_cost': to_decimal('actual_cost'),
    'modified_time': to_utc_timestamp('modified_time', 'UTC'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('zoho', 'campaigns') }}
)

select
    cast('zoho' as varchar) as source,
    {{ to_text('id') }} as campaign_id,
    {{ to_text('campaign_name') }} as name,
    {{ to_text('type') }} as type,
    typed_start_date as start_on,
    typed_end_date as end_on,
    typed_actual_cost as cost_amount,
    typed_modified_time as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
