select
    score_band, channel, count(*), count(first_contact_on), count_if(has_had_window), count_if(is_converted),
    avg(conversion_days), quantile_cont(conversion_days, 0.5), sum(cost_amount)
from core.fct_lead
group by cube (score_band, channel);
