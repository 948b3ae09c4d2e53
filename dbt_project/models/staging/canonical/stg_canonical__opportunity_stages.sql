-- Grain: opportunity × entry into a stage.
-- A stage that was entered twice has two rows. Entries may come one by one: those sent earlier stay in force.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'seq': to_integer('seq', 'integer'),
    'entered_at': to_utc_timestamp('entered_at', 'UTC'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'opportunity_stages') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('opportunity_id') }} as opportunity_id,
    typed_seq as seq,
    {{ to_text('pipeline') }} as pipeline,
    {{ to_text('stage') }} as stage,
    typed_entered_at as entered_at,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
