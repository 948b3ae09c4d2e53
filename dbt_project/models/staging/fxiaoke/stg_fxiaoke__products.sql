-- Grain: product.
{{ config(enabled='fxiaoke' in var('sources')) }}
{%- set typed = {
    'launched_on': to_date('launched_on'),
    'standard_cost': to_decimal('standard_cost'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('fxiaoke', 'products') }}
)

select
    cast('fxiaoke' as varchar) as source,
    {{ to_text('product_id') }} as product_id,
    {{ to_text('name') }} as name,
    {{ to_text('category_1') }} as category_1,
    {{ to_text('category_2') }} as category_2,
    {{ to_text('brand') }} as brand,
    {{ to_text('pack_size') }} as pack_size,
    typed_launched_on as launched_on,
    typed_standard_cost as standard_cost,
    cast(null as timestamp) as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
