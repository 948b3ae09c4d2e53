-- Grain: target × segment × horizon × cut-off × scorer × metric × baseline × decile.
-- Every figure of every check at an earlier cut-off, each beside its baseline; a decile row holds the mean forecast of
-- a tenth of the customers (10: the highest) beside what came.
{% set churn = "'churn' as target, segment, horizon_days, chosen" -%}
with churn_measures as (
    select {{ churn }}, {{ each_item('measures') }} as item from {{ ref('fct_churn_backtest') }}
),

churn_deciles as (
    select {{ churn }}, {{ each_item('deciles') }} as item from {{ ref('fct_churn_backtest') }}
),

value_measures as (
    select segment, chosen, {{ each_item('measures') }} as item from {{ ref('fct_value_backtest') }}
),

value_deciles as (
    select segment, chosen, {{ each_item('deciles') }} as item from {{ ref('fct_value_backtest') }}
),

found as (
    select
        target, segment, horizon_days, item.cutoff as cutoff_on, item.scorer, item.scorer = chosen as is_chosen,
        item.metric, item.baseline, 0 as decile,
        item."value" as metric_value, item.baseline_value, item.low as difference_low, item.high as difference_high,
        item.row_count
    from churn_measures

    union all

    select
        target, segment, horizon_days, item.cutoff, item.scorer, item.scorer = chosen,
        'decile_mean', 'actual', item.decile.number,
        item.decile.mean_predicted, item.decile.mean_actual, null, null,
        item.decile."count"
    from churn_deciles

    union all

    select
        item.target, segment, item.horizon_days, item.cutoff_on, item.scorer, item.scorer = chosen,
        item.metric, 'naive', 0,
        item."value", item.baseline_value, null, null,
        item.row_count
    from value_measures

    union all

    select
        'amount', segment, item.horizon_days, item.cutoff_on, chosen, true,
        'decile_mean', 'actual', item.number,
        item.mean_predicted, item.mean_actual, null, null,
        item."count"
    from value_deciles
)

select
    cast(target as varchar) as target,
    cast(segment as varchar) as segment,
    cast(horizon_days as integer) as horizon_days,
    cast(cutoff_on as date) as cutoff_on,
    cast(scorer as varchar) as scorer,
    is_chosen,
    cast(metric as varchar) as metric,
    cast(baseline as varchar) as baseline,
    cast(decile as integer) as decile,
    cast(metric_value as double) as metric_value,
    cast(baseline_value as double) as baseline_value,
    cast(difference_low as double) as difference_low,
    cast(difference_high as double) as difference_high,
    cast(row_count as bigint) as row_count
from found
