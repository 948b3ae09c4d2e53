-- Entered = reached + dropped + open in every row, and over all months as many deals get further than a stage as enter
-- the next one; beyond the last, as many as are won.
with stages as (
    select
        pipeline,
        stage_position,
        sum(entered_count) as entered_count,
        sum(reached_count) as reached_count,
        sum(won_count) as won_count
    from {{ ref('mart_funnel_stage') }}
    where period_grain = 'month' and segment_type = 'all'
    group by pipeline, stage_position
)

select
    pipeline,
    stage_position,
    entered_count,
    reached_count + dropped_count + open_count as accounted_count
from {{ ref('mart_funnel_stage') }}
where entered_count <> reached_count + dropped_count + open_count

union all

select
    stages.pipeline,
    stages.stage_position,
    case when listed.stage is null then stages.won_count else coalesce(nexts.entered_count, 0) end as entered_count,
    stages.reached_count as accounted_count
from stages
left join stages as nexts
    on stages.pipeline = nexts.pipeline and stages.stage_position + 1 = nexts.stage_position
left join {{ ref('dim_pipeline_stage') }} as listed
    on stages.pipeline = listed.pipeline and stages.stage_position + 1 = listed.stage_position
where
    stages.reached_count
    <> case when listed.stage is null then stages.won_count else coalesce(nexts.entered_count, 0) end
