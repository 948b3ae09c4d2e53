select
    customer_id, max(purchase_on), count(*), sum(net_amount),
    sum(net_amount) filter (purchase_on > as_of_date - 365), sum(net_amount) filter (purchase_on > as_of_date - 90)
from core.fct_purchase_day
cross join core.dim_run
group by customer_id;

select customer_id, event_type, count(*)
from core.fct_loyalty_event
cross join core.dim_run
where happened_on > as_of_date - 365
group by all;
