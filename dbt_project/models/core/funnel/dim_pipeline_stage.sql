-- Grain: pipeline × stage that a deal was in. Open stages have a position, closing stages an outcome instead.
-- The seed pipeline_stages orders a pipeline if it lists every open stage that its deals were in. Otherwise the data
-- do: mean probability of the open deals in the stage, if there are such in every stage, then the mean place at which
-- deals first enter it, then name. Probability comes first, since most sources give each stage one and few keep a
-- history of stages.
with opportunities as (
    select
        source || ':' || opportunity_id as opportunity_key,
        coalesce(pipeline, 'unknown') as pipeline,
        stage,
        case when is_won is null then probability end as probability
    from {{ union_sources('opportunities') }}
    where not is_deleted
),

-- Stages of a pipeline that the deal has left are stages of that pipeline.
first_entries as (
    select
        coalesce(entries.pipeline, opportunities.pipeline) as pipeline,
        entries.stage,
        row_number() over (
            partition by opportunities.opportunity_key, coalesce(entries.pipeline, opportunities.pipeline)
            order by min(entries.seq) asc nulls last, entries.stage asc nulls last
        ) as place
    from {{ union_sources('opportunity_stages') }} as entries
    inner join opportunities on entries.source || ':' || entries.opportunity_id = opportunities.opportunity_key
    where not entries.is_deleted and entries.stage is not null
    group by opportunities.opportunity_key, coalesce(entries.pipeline, opportunities.pipeline), entries.stage
),

rules as (
    select * from {{ ref('pipeline_stages') }}
),

seen as (
    select pipeline, stage, place, null as probability
    from first_entries

    union all

    select pipeline, stage, null as place, probability
    from opportunities
    where stage is not null
),

stages as (
    select
        pipeline,
        stage,
        {{ rate('sum(place)', 'count(place)') }} as mean_place,
        {{ rate('sum(probability)', 'count(probability)') }} as mean_probability
    from seen
    group by pipeline, stage
),

judged as (
    select
        stages.*,
        own.position as seed_position,
        coalesce(own.outcome, common.outcome) as outcome,
        coalesce(own.is_proposal, common.is_proposal, false) as is_proposal
    from stages
    left join rules as own on stages.pipeline = own.pipeline and stages.stage = own.stage
    left join rules as common on common.pipeline = '*' and lower(trim(stages.stage)) = common.stage
),

ordered as (
    select
        *,
        case
            when
                count(*) over (partition by pipeline, outcome)
                = count(seed_position) over (partition by pipeline, outcome)
                then seed_position
        end as listed_position,
        case
            when
                count(*) over (partition by pipeline, outcome)
                = count(mean_probability) over (partition by pipeline, outcome)
                then mean_probability
        end as compared_probability
    from judged
)

select
    pipeline,
    stage,
    case
        when outcome is null
            then cast(row_number() over (
                partition by pipeline, outcome
                order by
                    listed_position asc nulls last,
                    compared_probability asc nulls last,
                    mean_place asc nulls last,
                    stage asc nulls last
            ) as integer)
    end as stage_position,
    outcome,
    is_proposal,
    listed_position is not null as is_listed
from ordered
