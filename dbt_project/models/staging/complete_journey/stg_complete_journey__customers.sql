-- Grain: household, of the lines of baskets or of the demographics.
-- The loyalty system exports no list of its members: whoever bought or told about itself is one. The name is the
-- number in words, since a record needs one and the data have none; created_at is the first basket seen (the
-- extract begins in January 2017, so it is not the day the household joined). Brackets are kept as tags. What erased
-- households left is nobody's.
{{ config(enabled='complete_journey' in var('sources')) }}

with transactions as (
    select * from {{ current_versions('complete_journey', 'transactions') }}
),

demographics as (
    select * from {{ current_versions('complete_journey', 'demographics') }}
),

records as (
    select
        household_id,
        -- Stamps are ISO texts, so that the least is the earliest.
        min(transaction_timestamp) as first_stamp,
        cast(null as varchar) as tags,
        min(case when _is_deleted then 1 else 0 end) as is_deleted,
        max_by(_load_id, _load_date) as _load_id,
        max(_load_date) as _load_date
    from transactions
    group by household_id
    union all
    select
        household_id,
        null,
        coalesce(';age ' || {{ to_text('age') }}, '')
        || coalesce(';income ' || {{ to_text('income') }}, '')
        || coalesce(';' || {{ to_text('home_ownership') }}, '')
        || coalesce(';' || {{ to_text('marital_status') }}, '')
        || coalesce(';' || {{ to_text('household_comp') }}, '')
        || coalesce(';size ' || {{ to_text('household_size') }}, '')
        || coalesce(';kids ' || {{ to_text('kids_count') }}, ''),
        case when _is_deleted then 1 else 0 end,
        _load_id,
        _load_date
    from demographics
),

households as (
    select
        {{ to_text('household_id') }} as household_id,
        min(first_stamp) as first_stamp,
        max(case when is_deleted = 0 then tags end) as tags,
        min(is_deleted) = 1 as is_deleted,
        max_by(_load_id, _load_date) as _load_id,
        max(_load_date) as _load_date
    from records
    where coalesce({{ to_text('household_id') }}, '') <> {{ erased_customer() }}
    group by {{ to_text('household_id') }}
)

select
    cast('complete_journey' as varchar) as source,
    household_id as customer_id,
    cast('person' as varchar) as kind,
    'household ' || household_id as name,
    nullif(substr(tags, 2), '') as tags,
    {{ to_utc_timestamp('first_stamp', 'UTC') }} as created_at,
    cast(null as timestamp) as modified_at,
    is_deleted,
    _load_id,
    _load_date
from households
