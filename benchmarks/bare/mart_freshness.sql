select source, object, max(load_date), sum(loaded_count)
from ledger.loads
where is_in_force
group by source, object;
