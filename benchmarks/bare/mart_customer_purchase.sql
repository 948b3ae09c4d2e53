select customer_id, count(*), count(distinct channel), sum(net_amount), sum(margin_amount), max(ordered_on)
from core.fct_customer_order
group by customer_id;

select
    customer_id, count(*), min(purchase_on), max(purchase_on),
    quantile_cont(purchase_on - previous_purchase_on, [0.5, 0.9])
from core.fct_purchase_day
group by customer_id;

select orders.customer_id, count(distinct products.category_1)
from core.fct_order_line as lines
inner join core.fct_customer_order as orders on lines.order_key = orders.order_key
inner join core.dim_product as products on lines.product_id = products.product_id
where not lines.is_return
group by orders.customer_id;
