select id_attribute.consent_marketing, date_trunc('month', id_record.created_at), count(*)
from identity.id_attribute
inner join identity.id_record using (record_key)
group by all;
