select
    days.purchase_on, segments.segment_type, segments.segment, count(distinct days.customer_id), sum(order_count),
    sum(net_amount), sum(margin_amount), count_if(purchase_number = 1), count_if(purchase_number = 2)
from core.fct_purchase_day as days
inner join core.dim_customer_segment as segments on days.customer_id = segments.customer_id
where segments.segment_type in ('all', 'kind', 'channel')
group by all;
