select customer_id, min(purchase_on), max(purchase_on), count(*), sum(order_count), sum(net_amount)
from core.fct_purchase_day
group by customer_id;

select record_key, min(ordered_on), max(ordered_on), count(distinct ordered_on), count(*), sum(net_amount)
from core.fct_order
group by record_key;

select orders.record_key, count(distinct products.category_1)
from core.fct_order_line as lines
inner join core.fct_order as orders on lines.order_key = orders.order_key
inner join core.dim_product as products on lines.product_id = products.product_id
group by orders.record_key
