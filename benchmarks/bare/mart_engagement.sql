select
    crosswalk.customer_id, date_trunc('month', started_on), type, direction, count(*), count(replied_at)
from core.fct_interaction as interactions
inner join identity.id_crosswalk as crosswalk on interactions.record_key = crosswalk.record_key
group by all;
