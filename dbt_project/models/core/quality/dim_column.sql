-- Grain: column of a mart or published dimension.
-- What the YAML beside each table says, as data, so that readers find it where they find the figures.
select
    table_name,
    column_name,
    data_type,
    description,
    label_zh,
    label_en,
    grain,
    owner
from {{ ref('stg_ledger__columns') }}
