select count(columns(*))
from identity.id_record;

select count(columns(*))
from identity.id_attribute;

select count(columns(*))
from identity.id_survivor;
