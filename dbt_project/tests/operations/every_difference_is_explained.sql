-- Objects of which rows or amounts were lost or doubled between landing and marts.
select
    as_of_date,
    object,
    unexplained_count,
    unexplained_amount
from {{ ref('mart_reconciliation') }}
where unexplained_count <> 0 or unexplained_amount <> 0
