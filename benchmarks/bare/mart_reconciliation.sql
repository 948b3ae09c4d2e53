select basket_id is null, count(*), count(distinct (basket_id, product_id))
from raw.complete_journey__transactions
group by all;

select source, is_valid, invalid_reason, count(*), sum(header_net_amount), sum(net_amount)
from core.fct_order
group by all;

select source, count(*), sum(net_amount)
from core.fct_order_line
group by source;

select count(*), sum(net_amount)
from core.fct_customer_order;
