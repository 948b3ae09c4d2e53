-- Grain: order.
-- The data have days and no times: an order is dated at midnight of its day. The number of CDs has no place in an
-- order and no product to make a line of, so there are no order lines.
{{ config(enabled='cdnow' in var('sources')) }}

with orders as (
    select * from {{ current_versions('cdnow', 'orders') }}
)

select
    cast('cdnow' as varchar) as source,
    {{ to_text('order_number') }} as order_id,
    {{ to_text('customer_id') }} as customer_id,
    {{ to_utc_timestamp('order_date') }} as ordered_at,
    cast('online' as varchar) as channel,
    {{ to_decimal('amount') }} as net_amount,
    cast(null as timestamp) as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date
from orders
