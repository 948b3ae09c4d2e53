-- Grain: product of a source; the id carries the source, since sources number their products on their own.
-- Deleted ones stay: what was bought was bought, and a discontinued product leaves every snapshot.
select
    source || ':' || product_id as product_id,
    name,
    category_1,
    category_2,
    category_3,
    brand,
    pack_size,
    cast(launched_on as date) as launched_on,
    cast(standard_cost as decimal(18, 2)) as standard_cost,
    is_deleted
from {{ union_sources('products') }}
