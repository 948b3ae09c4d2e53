-- Grain: deal (Deals).
-- stage is the last open one of a closed deal, where the custom field has it: how far a lost deal got would be unknown
-- otherwise. Closed_Time__c may be missing on old deals: then the change into the closing stage says when.
{{ config(enabled='zoho' in var('sources')) }}
{%- set typed = {
    'amount': to_decimal('amount'),
    'probability': to_decimal('probability', 18, 6),
    'closing_date': to_date('closing_date'),
    'quoted_time': to_utc_timestamp('quoted_time', 'UTC'),
    'closed_time': to_utc_timestamp('closed_time', 'UTC'),
    'stage_modified_time': to_utc_timestamp('stage_modified_time', 'UTC'),
    'created_time': to_utc_timestamp('created_time', 'UTC'),
    'modified_time': to_utc_timestamp('modified_time', 'UTC'),
} %}

with cells as (
    select
        *,
        {{ typed_columns(typed) }}
    from {{ current_versions('zoho', 'deals') }}
)

select
    cast('zoho' as varchar) as source,
    {{ to_text('id') }} as opportunity_id,
    coalesce({{ to_text('account_name') }}, {{ to_text('contact_name') }}) as customer_id,
    {{ to_text('lead') }} as lead_id,
    {{ to_text('owner') }} as owner_id,
    {{ to_text('pipeline') }} as pipeline,
    case
        when {{ to_text('stage') }} in {{ zoho_closing_stages() }}
            then coalesce({{ to_text('stage_before_closing') }}, {{ to_text('stage') }})
        else {{ to_text('stage') }}
    end as stage,
    typed_amount as amount,
    cast(typed_probability / 100 as decimal(9, 6)) as probability,
    typed_created_time as created_at,
    typed_closing_date as expected_close_on,
    typed_quoted_time as quoted_at,
    case
        when {{ to_text('stage') }} in {{ zoho_closing_stages() }}
            then coalesce(typed_closed_time, typed_stage_modified_time)
    end as closed_at,
    case
        when {{ to_text('stage') }} in {{ zoho_closing_stages() }} then {{ to_text('stage') }} = 'Closed Won'
    end as is_won,
    {{ to_text('reason_for_loss') }} as loss_reason,
    typed_modified_time as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date,
    {{ uncast_count(typed) }} as uncast_count
from cells
