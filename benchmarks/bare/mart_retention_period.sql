select
    segments.segment_type, segments.segment,
    date_trunc('week', purchase_on), date_trunc('month', purchase_on),
    date_trunc('quarter', purchase_on), date_trunc('year', purchase_on),
    count(distinct days.customer_id)
from core.fct_purchase_day as days
inner join core.dim_customer_segment as segments on days.customer_id = segments.customer_id
group by grouping sets ((1, 2, 3), (1, 2, 4), (1, 2, 5), (1, 2, 6));

select tier, month_start, count(distinct customer_id)
from core.fct_customer_tier_month
group by tier, month_start;
