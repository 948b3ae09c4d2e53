-- Grain: customer, by the number in the full set.
-- The data have no list of customers, only their orders. The name is the number in words, since a record needs one;
-- created_at is the day of the first order, with which every customer of this cohort came. What erased people left is
-- nobody's.
{{ config(enabled='cdnow' in var('sources')) }}

with orders as (
    select * from {{ current_versions('cdnow', 'orders') }}
),

customers as (
    select
        {{ to_text('customer_id') }} as customer_id,
        -- Dates are ISO texts, so that the least is the earliest.
        min(order_date) as first_order_date,
        min(case when _is_deleted then 1 else 0 end) = 1 as is_deleted,
        max_by(_load_id, _load_date) as _load_id,
        max(_load_date) as _load_date
    from orders
    where coalesce({{ to_text('customer_id') }}, '') <> {{ erased_customer() }}
    group by {{ to_text('customer_id') }}
)

select
    cast('cdnow' as varchar) as source,
    customer_id,
    cast('person' as varchar) as kind,
    'customer ' || customer_id as name,
    {{ to_utc_timestamp('first_order_date') }} as created_at,
    cast(null as timestamp) as modified_at,
    is_deleted,
    _load_id,
    _load_date
from customers
