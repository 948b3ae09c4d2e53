-- Grain: complaint, returned order or referral of a customer by as_of_date.
-- What speaks for or against a customer's loyalty, each on its day: a complaint when it was opened; a return on the day
-- of the order that it lowers, where its money counts, too; a referral on the first purchase of whoever was referred,
-- since until then nobody came.
with crosswalk as (
    select record_key, customer_id from {{ ref('id_crosswalk') }}
),

complaints as (
    select
        crosswalk.customer_id,
        cases.case_key as event_key,
        cases.opened_on as happened_on
    from {{ ref('fct_case') }} as cases
    inner join crosswalk on cases.record_key = crosswalk.record_key
    where cases.case_type = 'complaint'
),

returned_orders as (
    select distinct coalesce(original_order_key, order_key) as order_key
    from {{ ref('fct_order_line') }}
    where is_return
),

returns as (
    select
        crosswalk.customer_id,
        orders.order_key as event_key,
        orders.ordered_on as happened_on
    from returned_orders
    inner join {{ ref('fct_order') }} as orders on returned_orders.order_key = orders.order_key
    inner join crosswalk on orders.record_key = crosswalk.record_key
    inner join {{ ref('dim_run') }} as run on orders.ordered_on <= run.as_of_date
    where coalesce(orders.invalid_reason, 'none') not in ('deleted', 'undated', 'cancelled')
),

referrals as (
    select distinct
        referrers.customer_id,
        referred.customer_id as referred_id,
        purchases.first_purchase_on as happened_on
    from {{ union_sources('customers') }} as records
    inner join crosswalk as referrers on records.source || ':' || records.referrer_id = referrers.record_key
    inner join crosswalk as referred on records.source || ':' || records.customer_id = referred.record_key
    inner join {{ ref('fct_first_purchase') }} as purchases on referred.customer_id = purchases.customer_id
    where not records.is_deleted and referrers.customer_id <> referred.customer_id
)

select
    customer_id,
    'complaint' as event_type,
    event_key,
    happened_on
from complaints

union all

select
    customer_id,
    'return' as event_type,
    event_key,
    happened_on
from returns

union all

select
    customer_id,
    'referral' as event_type,
    referred_id as event_key,
    happened_on
from referrals
