-- Grain: target × segment × horizon × cut-off × scorer × metric × baseline × decile.
-- How every forecast did at earlier cut-offs, each figure beside that of a baseline, and what followed from it for
-- today. A decile row sets the mean forecast of a tenth of the customers against what came; the row of metric `total`
-- is what a segment will bring from as_of_date on, with an interval for what the parameters leave open.
with run as (
    select as_of_date from {{ ref('dim_run') }}
),

figures as (
    select
        target, segment, horizon_days, cutoff_on, scorer, is_chosen, metric, baseline, decile,
        metric_value, baseline_value, difference_low, difference_high, row_count,
        case when target = 'churn' then 'churn' else 'value' end as verdict_target
    from {{ ref('fct_model_measure') }}

    union all

    select
        'amount', totals.segment, totals.horizon_days, run.as_of_date, 'forecast', true, 'total', 'none', 0,
        totals.predicted_amount, null, totals.low, totals.high, null,
        'value'
    from {{ ref('fct_value_total') }} as totals
    cross join run
)

select
    cast(figures.target as varchar) as target,
    cast(figures.segment as varchar) as segment,
    cast(figures.horizon_days as integer) as horizon_days,
    cast(figures.cutoff_on as date) as cutoff_on,
    cast(figures.scorer as varchar) as scorer,
    cast(figures.metric as varchar) as metric,
    cast(figures.baseline as varchar) as baseline,
    cast(figures.decile as integer) as decile,
    figures.is_chosen,
    cast(round(figures.metric_value, 9) as double) as metric_value,
    cast(round(figures.baseline_value, 9) as double) as baseline_value,
    cast(round(figures.difference_low, 9) as double) as interval_low,
    cast(round(figures.difference_high, 9) as double) as interval_high,
    cast(figures.row_count as bigint) as customer_count,
    cast(verdicts.verdict as varchar) as verdict,
    cast(verdicts.doubts as varchar) as doubts
from figures
cross join run
left join {{ ref('fct_model_verdict') }} as verdicts
    on figures.verdict_target = verdicts.target
    and figures.segment = verdicts.segment
    and figures.horizon_days = verdicts.horizon_days
    and run.as_of_date = verdicts.as_of_date
