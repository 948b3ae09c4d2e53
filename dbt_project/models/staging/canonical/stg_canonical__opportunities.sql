-- Grain: opportunity of the source, with its present stage (the way there is in opportunity_stages).
{{ config(enabled='canonical' in var('sources')) }}
{%- set typed = {
    'amount': to_decimal('amount'),
    'probability': to_decimal('probability', 9, 6),
    'created_at': to_utc_timestamp('created_at', 'UTC'),
    'expected_close_on': to_date('expected_close_on'),
    'quoted_at': to_utc_timestamp('quoted_at', 'UTC'),
    'closed_at': to_utc_timestamp('closed_at', 'UTC'),
    'is_won': to_boolean('is_won'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
    'is_deleted': to_boolean('is_deleted'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('canonical', 'opportunities') }}
)

select
    cast('canonical' as varchar) as source,
    {{ to_text('opportunity_id') }} as opportunity_id,
    {{ to_text('customer_id') }} as customer_id,
    {{ to_text('lead_id') }} as lead_id,
    {{ to_text('owner_id') }} as owner_id,
    {{ to_text('pipeline') }} as pipeline,
    {{ to_text('stage') }} as stage,
    typed_amount as amount,
    typed_probability as probability,
    typed_created_at as created_at,
    typed_expected_close_on as expected_close_on,
    typed_quoted_at as quoted_at,
    typed_closed_at as closed_at,
    typed_is_won as is_won,
    {{ to_text('loss_reason') }} as loss_reason,
    typed_modified_at as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
