select records.kind, count(*), count(distinct crosswalk.customer_id)
from identity.id_record as records
inner join identity.id_crosswalk as crosswalk on records.record_key = crosswalk.record_key
group by records.kind;
