select
    stages.pipeline, stages.stage, deals.kind, deals.channel, deals.province, deals.owner_team,
    date_trunc('week', stages.entered_on), date_trunc('month', stages.entered_on),
    date_trunc('quarter', stages.entered_on), date_trunc('year', stages.entered_on),
    count(*), count_if(fate = 'reached'), count_if(fate = 'dropped'), count_if(is_implied), sum(reentry_count),
    count_if(outcome = 'won'), count_if(outcome = 'lost'), quantile_cont(stay_days, 0.5)
from core.fct_opportunity_stage as stages
inner join core.fct_opportunity as deals on stages.opportunity_key = deals.opportunity_key
group by grouping sets (
    (1, 2, 7), (1, 2, 3, 7), (1, 2, 4, 7), (1, 2, 5, 7), (1, 2, 6, 7),
    (1, 2, 8), (1, 2, 3, 8), (1, 2, 4, 8), (1, 2, 5, 8), (1, 2, 6, 8),
    (1, 2, 9), (1, 2, 3, 9), (1, 2, 4, 9), (1, 2, 5, 9), (1, 2, 6, 9),
    (1, 2, 10), (1, 2, 3, 10), (1, 2, 4, 10), (1, 2, 5, 10), (1, 2, 6, 10)
);
