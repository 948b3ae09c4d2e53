-- Grain: published table × column.
-- What each published column means, in English and Chinese; made from the same YAML that the tables are built by.
select
    cast(table_name as varchar) as table_name,
    cast(column_name as varchar) as column_name,
    cast(data_type as varchar) as data_type,
    cast(description as varchar) as description,
    cast(label_en as varchar) as label_en,
    cast(label_zh as varchar) as label_zh,
    cast(grain as varchar) as grain,
    cast(owner as varchar) as owner
from {{ ref('dim_column') }}
