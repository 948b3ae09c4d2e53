-- Grain: product of a basket.
-- A product stands once in a basket, so its number serves as line number: it stays when other lines come or go.
-- list_price is the shelf price of one unit: (received + card discount + the retailer's part of a coupon) / quantity.
-- It is NULL for coupon lines (quantity 0) and for fuel, counted in thousandths of a gallon at under a cent.
{{ config(enabled='complete_journey' in var('sources')) }}

with transactions as (
    select * from {{ current_versions('complete_journey', 'transactions') }}
),

lines as (
    select
        {{ to_text('basket_id') }} as basket_id,
        {{ to_text('product_id') }} as product_id,
        {{ to_decimal('quantity', 18, 3) }} as quantity,
        {{ to_decimal('sales_value') }} as net_amount,
        {{ to_decimal('retail_disc') }} + {{ to_decimal('coupon_match_disc') }} as discount_amount,
        _is_deleted,
        _load_id,
        _load_date
    from transactions
)

select
    cast('complete_journey' as varchar) as source,
    basket_id as order_id,
    product_id as line_no,
    product_id,
    quantity,
    nullif(cast((net_amount + discount_amount) / nullif(quantity, 0) as decimal(18, 2)), 0) as list_price,
    net_amount,
    false as is_return,
    cast(null as timestamp) as modified_at,
    _is_deleted as is_deleted,
    _load_id,
    _load_date
from lines
