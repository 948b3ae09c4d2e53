-- Grain: entry of an opportunity into a stage.
-- The source keeps no history: what each accepted snapshot shows is that history. The first version that shows a stage
-- says when it was entered; a stage that comes back is a new entry, so is that of another pipeline into which the
-- opportunity was moved, one seen again is not. Won (赢单) and lost (输单)
-- become stages, entered when it closed. A closed opportunity keeps its last open stage: where no stamp says when that
-- was entered there is no entry, and only stg_fxiaoke__opportunities knows how far it got.
{{ config(enabled='fxiaoke' in var('sources')) }}
{%- set modified_at = 'coalesce(' ~ to_utc_timestamp('modified_at', 'UTC') ~ ', cast(_load_date as timestamp))' %}

with versions as (
    select
        {{ to_text('opportunity_id') }} as opportunity_id,
        {{ to_text('pipeline') }} as pipeline,
        {{ to_text('stage') }} as open_stage,
        case {{ to_text('status') }} when 'won' then '赢单' when 'lost' then '输单' end as closing_stage,
        {{ to_utc_timestamp('stage_changed_at', 'UTC') }} as changed_at,
        coalesce({{ to_utc_timestamp('closed_at', 'UTC') }}, {{ modified_at }}) as closed_at,
        {{ modified_at }} as modified_at,
        _load_id,
        _load_date,
        row_number() over (
            partition by opportunity_id, _load_id
            order by {{ modified_at }} desc nulls last, _file desc nulls last, _row desc nulls last
        ) as version_rank
    from {{ source('fxiaoke', 'opportunities') }}
),

seen as (
    select
        *,
        lag(closing_stage) over (partition by opportunity_id order by _load_date asc nulls last) as closing_stage_before
    from versions
    where version_rank = 1
),

stages as (
    select
        opportunity_id,
        pipeline,
        1 as place,
        open_stage as stage,
        coalesce(changed_at, modified_at) as entered_at,
        modified_at,
        _load_id,
        _load_date
    from seen
    where open_stage is not null
        and (closing_stage is null or (closing_stage_before is null and changed_at < closed_at))
    union all
    select opportunity_id, pipeline, 2, closing_stage, closed_at, modified_at, _load_id, _load_date
    from seen
    where closing_stage is not null
),

compared as (
    select
        *,
        lag(stage) over (snapshots) as stage_before,
        lag(entered_at) over (snapshots) as entered_before,
        coalesce(lag(pipeline) over (snapshots) <> pipeline, false) as is_moved
    from stages
    window snapshots as (partition by opportunity_id order by _load_date asc nulls last, place asc nulls last)
),

entries as (
    select
        *,
        -- A stage that comes back may carry the stamp of its first entry, one of the same name that of the other.
        case
            when entered_at < entered_before or (is_moved and entered_at = entered_before) then modified_at
            else entered_at
        end as began_at
    from compared
    where is_moved or coalesce(stage_before <> stage, true)
),

records as (
    select
        {{ to_text('opportunity_id') }} as opportunity_id,
        _is_deleted
        or coalesce({{ to_text('life_status') }} in ('作废', 'invalid'), false)
        or coalesce({{ to_text('status') }} = 'invalid', false) as is_deleted
    from {{ current_versions('fxiaoke', 'opportunities') }}
)

select
    cast('fxiaoke' as varchar) as source,
    entries.opportunity_id,
    cast(
        row_number() over (
            partition by entries.opportunity_id
            order by entries.began_at asc nulls last, entries._load_date asc nulls last, entries.place asc nulls last
        ) as integer
    ) as seq,
    entries.pipeline,
    entries.stage,
    entries.began_at as entered_at,
    entries.modified_at,
    records.is_deleted,
    entries._load_id,
    entries._load_date
from entries
inner join records on entries.opportunity_id = records.opportunity_id
