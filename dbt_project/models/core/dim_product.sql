-- Grain: product of a source; the id carries the source, since sources number their products on their own.
select
    source || ':' || product_id as product_id,
    name,
    category_1,
    category_2,
    category_3,
    brand,
    pack_size,
    cast(launched_on as date) as launched_on,
    cast(standard_cost as decimal(18, 2)) as standard_cost
from {{ union_sources('products') }}
where not is_deleted
