-- Grain: opportunity × open stage that it got to, as of as_of_date.
-- Pipelines are linear: whatever lies before the furthest stage was passed, whether or not anybody recorded it, and a
-- won deal passed all; such stages are implied, without entered_at. Each is reached (the deal got further), dropped
-- (lost here) or open. A deal that went back and was lost is dropped at the furthest stage it had got to.
-- Entries into another pipeline, from which the deal was moved, say nothing of this one.
with deals as (
    select opportunity_key, pipeline, stage, created_on, closed_on, outcome from {{ ref('fct_opportunity') }}
),

stages as (
    select pipeline, stage, stage_position from {{ ref('dim_pipeline_stage') }}
),

visits as (
    select
        deals.opportunity_key,
        stages.stage_position,
        entries.stage,
        entries.entered_at,
        {{ business_date('entries.entered_at') }} as entered_on,
        {{ business_date('entries.entered_at') }} <= run.as_of_date as is_past,
        lag(entries.stage) over (
            partition by deals.opportunity_key order by entries.seq asc nulls last
        ) as previous_stage
    from {{ union_sources('opportunity_stages') }} as entries
    inner join deals on entries.source || ':' || entries.opportunity_id = deals.opportunity_key
    inner join stages
        on deals.pipeline = stages.pipeline
        and entries.stage = stages.stage
        and coalesce(entries.pipeline, deals.pipeline) = stages.pipeline
    cross join {{ ref('dim_run') }} as run
    where not entries.is_deleted
),

entered as (
    select
        opportunity_key,
        stage_position,
        min(entered_at) as entered_at,
        min(entered_on) as entered_on,
        count(*) as entry_count
    from visits
    where is_past and stage_position is not null and coalesce(previous_stage, '') <> stage
    group by opportunity_key, stage_position
),

furthest as (
    select
        deals.opportunity_key,
        greatest(coalesce(max(present.stage_position), 1), coalesce(max(entered.stage_position), 1)) as stage_position,
        max(entered.entered_on) as last_entered_on
    from deals
    left join entered on deals.opportunity_key = entered.opportunity_key
    left join visits as later
        on deals.opportunity_key = later.opportunity_key and deals.stage = later.stage and not later.is_past
    left join stages as present
        on deals.pipeline = present.pipeline and deals.stage = present.stage and later.opportunity_key is null
    group by deals.opportunity_key
),

passed as (
    select
        deals.opportunity_key,
        deals.pipeline,
        stages.stage,
        stages.stage_position,
        deals.created_on,
        deals.closed_on,
        entered.entered_at,
        entered.entered_on,
        coalesce(entered.entry_count, 1) as entry_count,
        furthest.last_entered_on,
        case
            when deals.outcome = 'won' or stages.stage_position < furthest.stage_position then 'reached'
            when deals.outcome = 'lost' then 'dropped'
            else 'open'
        end as fate,
        min(entered.entered_on) over (
            partition by deals.opportunity_key
            order by stages.stage_position asc nulls last
            rows between 1 following and unbounded following
        ) as next_entered_on
    from deals
    inner join furthest on deals.opportunity_key = furthest.opportunity_key
    inner join stages
        on deals.pipeline = stages.pipeline
        and (stages.stage_position <= furthest.stage_position or deals.outcome = 'won')
        and stages.stage_position is not null
    left join entered
        on deals.opportunity_key = entered.opportunity_key and stages.stage_position = entered.stage_position
)

select
    opportunity_key,
    pipeline,
    stage,
    stage_position,
    entered_at,
    case
        when entered_on is not null then entered_on
        when stage_position = 1 then created_on
        else coalesce(next_entered_on, closed_on, last_entered_on, created_on)
    end as entered_on,
    entered_at is null as is_implied,
    fate,
    case when fate <> 'open' then {{ days_until('entered_on', 'coalesce(next_entered_on, closed_on)') }} end
        as stay_days,
    entry_count - 1 as reentry_count
from passed
