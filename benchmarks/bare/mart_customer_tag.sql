select customer_id, tags, count(*)
from identity.id_attribute
group by all;
