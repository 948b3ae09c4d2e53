-- Objects of which rows or amounts were lost or doubled between landing and marts, today: what earlier runs recorded
-- was judged then, by the counting of then.
select
    as_of_date,
    object,
    unexplained_count,
    unexplained_amount
from {{ ref('mart_reconciliation') }}
where
    as_of_date = (select as_of_date from {{ ref('dim_run') }})
    and (unexplained_count <> 0 or unexplained_amount <> 0)
