-- Grain: basket.
-- The till exports lines only, and the stamp, the store and the household are the same on all lines of a basket.
-- Discounts are what the retailer gives up (loyalty card, its part of a coupon). What a manufacturer refunds for its
-- own coupons is revenue: it is in sales_value, and no discount here.
{{ config(enabled='complete_journey' in var('sources')) }}

with transactions as (
    select * from {{ current_versions('complete_journey', 'transactions') }}
),

lines as (
    select
        basket_id,
        household_id,
        store_id,
        transaction_timestamp,
        {{ to_decimal('sales_value') }} as net_amount,
        {{ to_decimal('retail_disc') }} + {{ to_decimal('coupon_match_disc') }} as discount_amount,
        _is_deleted,
        _load_id,
        _load_date
    from transactions
),

baskets as (
    select
        basket_id,
        min(household_id) as household_id,
        min(store_id) as store_id,
        min(transaction_timestamp) as stamp,
        sum(case when not _is_deleted then net_amount + discount_amount end) as gross_amount,
        sum(case when not _is_deleted then discount_amount end) as discount_amount,
        sum(case when not _is_deleted then net_amount end) as net_amount,
        min(case when _is_deleted then 1 else 0 end) = 1 as is_deleted,
        max_by(_load_id, _load_date) as _load_id,
        max(_load_date) as _load_date
    from lines
    group by basket_id
)

select
    cast('complete_journey' as varchar) as source,
    {{ to_text('basket_id') }} as order_id,
    {{ to_text('household_id') }} as customer_id,
    {{ to_utc_timestamp('stamp', 'UTC') }} as ordered_at,
    cast('store' as varchar) as channel,
    cast(gross_amount as decimal(18, 2)) as gross_amount,
    cast(discount_amount as decimal(18, 2)) as discount_amount,
    cast(net_amount as decimal(18, 2)) as net_amount,
    {{ to_text('store_id') }} as store_id,
    cast(null as timestamp) as modified_at,
    is_deleted,
    _load_id,
    _load_date
from baskets
