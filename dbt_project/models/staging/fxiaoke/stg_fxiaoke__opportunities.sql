-- Grain: opportunity (NewOpportunityObj).
-- stage stays the last open one when the opportunity is won or lost, as the source has it. One whose status is invalid
-- was never a chance: it counts as deleted, or it would be open for ever.
{{ config(enabled='fxiaoke' in var('sources')) }}
{%- set typed = {
    'amount': to_decimal('amount'),
    'probability': to_decimal('probability', 18, 6),
    'created_at': to_utc_timestamp('created_at', 'UTC'),
    'expected_close_on': to_date('expected_close_on'),
    'quoted_at': to_utc_timestamp('quoted_at', 'UTC'),
    'closed_at': to_utc_timestamp('closed_at', 'UTC'),
    'modified_at': to_utc_timestamp('modified_at', 'UTC'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('fxiaoke', 'opportunities') }}
)

select
    cast('fxiaoke' as varchar) as source,
    {{ to_text('opportunity_id') }} as opportunity_id,
    {{ to_text('account_id') }} as customer_id,
    {{ to_text('lead_id') }} as lead_id,
    {{ to_first_item('owner_id') }} as owner_id,
    {{ to_text('pipeline') }} as pipeline,
    {{ to_text('stage') }} as stage,
    typed_amount as amount,
    cast(typed_probability / 100 as decimal(9, 6)) as probability,
    typed_created_at as created_at,
    typed_expected_close_on as expected_close_on,
    typed_quoted_at as quoted_at,
    case when {{ to_text('status') }} in ('won', 'lost') then typed_closed_at end as closed_at,
    case {{ to_text('status') }} when 'won' then true when 'lost' then false end as is_won,
    {{ to_text('loss_reason') }} as loss_reason,
    typed_modified_at as modified_at,
    _is_deleted
    or coalesce({{ to_text('life_status') }} in ('作废', 'invalid'), false)
    or coalesce({{ to_text('status') }} = 'invalid', false) as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
