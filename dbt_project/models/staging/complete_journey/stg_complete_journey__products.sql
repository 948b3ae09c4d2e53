-- Grain: product.
-- Products have no name: the finest grouping that is filled stands in for it.
{{ config(enabled='complete_journey' in var('sources')) }}

with products as (
    select
        {{ to_text('product_id') }} as product_id,
        {{ to_text('department') }} as department,
        {{ to_text('product_category') }} as product_category,
        {{ to_text('product_type') }} as product_type,
        {{ to_text('brand') }} as brand,
        {{ to_text('package_size') }} as package_size,
        _is_deleted,
        _load_id,
        _load_date
    from {{ current_versions('complete_journey', 'products') }}
)

select
    cast('complete_journey' as varchar) as source,
    product_id,
    coalesce(product_type, product_category, department) as name,
    department as category_1,
    product_category as category_2,
    product_type as category_3,
    brand,
    package_size as pack_size,
    cast(null as timestamp) as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date
from products
