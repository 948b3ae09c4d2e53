-- Grain: entry of a deal into a stage.
-- The bulk read gives no history: what each accepted snapshot shows is that history. The first version that shows a
-- stage says when it was entered; a stage that comes back is a new entry, so is that of another pipeline into which
-- the deal was moved, one seen again is not. The stage before the
-- closing one, named on the closed deal, has no time of entry: it is in stg_zoho__opportunities, and no entry here.
{{ config(enabled='zoho' in var('sources')) }}
{%- set modified_at = 'coalesce(' ~ to_utc_timestamp('modified_time', 'UTC') ~ ', cast(_load_date as timestamp))' %}

with versions as (
    select
        {{ to_text('id') }} as opportunity_id,
        {{ to_text('pipeline') }} as pipeline,
        {{ to_text('stage') }} as stage,
        coalesce(
            case
                when {{ to_text('stage') }} in {{ zoho_closing_stages() }}
                    then {{ to_utc_timestamp('closed_time', 'UTC') }}
            end,
            {{ to_utc_timestamp('stage_modified_time', 'UTC') }},
            {{ modified_at }}
        ) as entered_at,
        {{ modified_at }} as modified_at,
        _load_id,
        _load_date,
        row_number() over (
            partition by id, _load_id
            order by {{ modified_at }} desc nulls last, _file desc nulls last, _row desc nulls last
        ) as version_rank
    from {{ source('zoho', 'deals') }}
),

compared as (
    select
        *,
        lag(stage) over (snapshots) as stage_before,
        lag(entered_at) over (snapshots) as entered_before,
        coalesce(lag(pipeline) over (snapshots) <> pipeline, false) as is_moved
    from versions
    where version_rank = 1 and stage is not null
    window snapshots as (partition by opportunity_id order by _load_date asc nulls last)
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
        {{ to_text('id') }} as opportunity_id,
        _is_deleted as is_deleted
    from {{ current_versions('zoho', 'deals') }}
)

select
    cast('zoho' as varchar) as source,
    entries.opportunity_id,
    cast(
        row_number() over (
            partition by entries.opportunity_id
            order by entries.began_at asc nulls last, entries._load_date asc nulls last
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
