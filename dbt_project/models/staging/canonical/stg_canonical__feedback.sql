-- Grain: survey sent or review written.
-- A survey without an answer is a row with an empty score: response rates count it.
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'kind': to_choice('kind', ['csat', 'nps', 'review']),
    'score': to_decimal('score', 9, 2),
    'sent_at': to_utc_timestamp('sent_at', 'UTC'),
    'answered_at': to_utc_timestamp('answered_at', 'UTC'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'feedback') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('feedback_id') }} as feedback_id,
    {{ to_text('customer_id') }} as customer_id,
    typed_kind as kind,
    typed_score as score,
    {{ to_text('text') }} as text,
    typed_sent_at as sent_at,
    typed_answered_at as answered_at,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
