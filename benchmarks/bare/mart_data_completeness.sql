select source, count(columns(* exclude (source)))
from identity.id_record
group by source;

select count(columns(*))
from identity.id_survivor;
