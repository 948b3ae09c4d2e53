select
    segments.segment_type, segments.segment,
    date_trunc('week', asked_on), date_trunc('month', asked_on),
    date_trunc('quarter', asked_on), date_trunc('year', asked_on),
    count(*), count(score), count_if(score >= 9), count_if(score <= 6)
from core.fct_feedback as feedback
inner join identity.id_crosswalk as crosswalk on feedback.record_key = crosswalk.record_key
inner join core.dim_customer_segment as segments on crosswalk.customer_id = segments.customer_id
where feedback.kind = 'nps'
group by grouping sets ((1, 2, 3), (1, 2, 4), (1, 2, 5), (1, 2, 6));
