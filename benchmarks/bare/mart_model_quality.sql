select target, segment, horizon_days, cutoff_on, scorer, metric, baseline, decile, max(metric_value), max(row_count)
from core.fct_model_measure
group by all;

select segment, horizon_days, sum(predicted_amount)
from core.fct_value_total
group by all;
