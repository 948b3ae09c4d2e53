-- Grain: employee (PersonnelObj).
-- Who left stays in the export with another status, and is still the owner of what was his.
{{ config(enabled='fxiaoke' in var('sources')) }}
{%- set typed = {
    'holding_limit': to_integer('holding_limit', 'integer'),
    'hourly_cost': to_decimal('hourly_cost'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('fxiaoke', 'employees') }}
)

select
    cast('fxiaoke' as varchar) as source,
    {{ to_text('employee_id') }} as employee_id,
    {{ to_text('name') }} as name,
    {{ to_text('team') }} as team,
    {{ to_text('role') }} as role,
    typed_holding_limit as holding_limit,
    typed_hourly_cost as hourly_cost,
    cast(null as timestamp) as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
