with days as (
    select *, purchase_on - min(purchase_on) over (partition by customer_id) as age, min(purchase_on) over (partition by customer_id) as first_on
    from core.fct_purchase_day
)

select
    segments.segment_type, segments.segment,
    date_trunc('month', first_on), date_trunc('quarter', first_on), date_trunc('year', first_on),
    date_trunc('month', purchase_on), age // 7, age // 30,
    count(distinct days.customer_id), sum(net_amount), sum(margin_amount)
from days
inner join core.dim_customer_segment as segments on days.customer_id = segments.customer_id
group by grouping sets (
    (1, 2, 3, 6), (1, 2, 3, 7), (1, 2, 3, 8), (1, 2, 4, 6), (1, 2, 4, 7), (1, 2, 4, 8), (1, 2, 5, 6), (1, 2, 5, 7), (1, 2, 5, 8)
);
