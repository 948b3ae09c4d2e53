-- Grain: product, by its code: order lines name it so.
{{ config(enabled='zoho' in var('sources')) }}
{%- set typed = {
    'unit_cost': to_decimal('unit_cost'),
    'sales_start_date': to_date('sales_start_date'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('zoho', 'products') }}
)

select
    cast('zoho' as varchar) as source,
    {{ to_text('product_code') }} as product_id,
    {{ to_text('product_name') }} as name,
    {{ to_text('product_category') }} as category_1,
    {{ to_text('brand') }} as brand,
    typed_sales_start_date as launched_on,
    typed_unit_cost as standard_cost,
    cast(null as timestamp) as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
