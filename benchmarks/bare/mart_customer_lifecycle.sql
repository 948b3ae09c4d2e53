select customer_id, date_trunc('month', purchase_on), count(*), max(purchase_on), min(purchase_number)
from core.fct_purchase_day
group by all;
