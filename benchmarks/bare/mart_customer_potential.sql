select
    days.customer_id, segments.segment,
    sum(net_amount) filter (purchase_on > as_of_date - 365) as net_amount_365,
    sum(net_amount) filter (purchase_on > as_of_date - 90),
    sum(net_amount) filter (purchase_on > as_of_date - 180 and purchase_on <= as_of_date - 90)
from core.fct_purchase_day as days
inner join core.dim_customer_segment as segments on days.customer_id = segments.customer_id
cross join core.dim_run
where segments.segment_type = 'kind'
group by all;

select segments.segment, quantile_cont(net_amount, 0.9)
from core.fct_purchase_day as days
inner join core.dim_customer_segment as segments on days.customer_id = segments.customer_id
where segments.segment_type = 'kind'
group by all;
