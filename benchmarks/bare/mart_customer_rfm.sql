select customer_id, max(purchase_on), count(*), sum(net_amount)
from core.fct_purchase_day
group by customer_id;
