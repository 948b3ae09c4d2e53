select source, count(name), count(phone), count(email), count(uscc), count(birth_date), count(province), count(city)
from identity.id_record
group by source;

select customer_id, count(*)
from identity.id_crosswalk
group by customer_id;
