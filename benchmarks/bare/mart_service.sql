select
    segments.segment_type, segments.segment, case_type,
    date_trunc('week', opened_on), date_trunc('month', opened_on),
    date_trunc('quarter', opened_on), date_trunc('year', opened_on),
    count(*), count(distinct crosswalk.customer_id), count(response_hours), count(resolution_hours),
    quantile_cont(response_hours, 0.5), quantile_cont(resolution_hours, 0.5),
    count_if(is_response_in_time), count_if(is_resolution_in_time)
from core.fct_case as cases
inner join identity.id_crosswalk as crosswalk on cases.record_key = crosswalk.record_key
inner join core.dim_customer_segment as segments on crosswalk.customer_id = segments.customer_id
group by grouping sets ((1, 2, 3, 4), (1, 2, 3, 5), (1, 2, 3, 6), (1, 2, 3, 7));

select
    segments.segment_type, segments.segment,
    date_trunc('week', ordered_on), date_trunc('month', ordered_on),
    date_trunc('quarter', ordered_on), date_trunc('year', ordered_on),
    count(*), count(distinct orders.customer_id)
from core.fct_customer_order as orders
inner join core.dim_customer_segment as segments on orders.customer_id = segments.customer_id
where ordered_on >= (select min(opened_on) from core.fct_case)
group by grouping sets ((1, 2, 3), (1, 2, 4), (1, 2, 5), (1, 2, 6));
