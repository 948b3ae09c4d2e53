-- Grain: column of a mart or published dimension, as its YAML describes it.
select
    table_name,
    column_name,
    data_type,
    description,
    label_zh,
    label_en,
    grain,
    owner
from {{ source('ledger', 'columns') }}
