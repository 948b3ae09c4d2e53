select source, count(columns(* exclude (source)))
from identity.id_attribute
group by source;

select attribute, count(distinct record_key)
from identity.id_provenance
group by attribute;
