select customer_id, horizon_days, max(churn_probability)
from core.fct_churn_score
group by all;

select
    customer_id, max(purchase_on), count(*), quantile_cont(purchase_on - previous_purchase_on, 0.9),
    count_if(purchase_on > as_of_date - 90), sum(net_amount) filter (purchase_on > as_of_date - 90)
from core.fct_purchase_day
cross join core.dim_run
group by customer_id;
