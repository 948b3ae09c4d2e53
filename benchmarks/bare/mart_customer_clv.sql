select customer_id, count(*), sum(net_amount), sum(margin_amount), max(ordered_on)
from core.fct_customer_order
group by customer_id;

select customer_id, count(*), min(purchase_on), max(purchase_on), sum(net_amount)
from core.fct_purchase_day
group by customer_id;

select segments.segment_type, segments.segment, date_trunc('quarter', days.purchase_on), count(distinct days.customer_id)
from core.fct_purchase_day as days
inner join core.dim_customer_segment as segments on days.customer_id = segments.customer_id
group by all;
