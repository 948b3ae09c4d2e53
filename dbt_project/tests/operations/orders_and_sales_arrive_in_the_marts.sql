-- Orders and net sales of today's reconciliation against the sums over customers in the marts.
with reconciled as (
    select
        coalesce(sum(customer_order_count), 0) as order_count,
        coalesce(sum(net_amount), 0) as net_amount
    from {{ ref('mart_reconciliation') }}
    where as_of_date = (select run.as_of_date from {{ ref('dim_run') }} as run)
),

published as (
    select
        coalesce(sum(order_count), 0) as order_count,
        coalesce(sum(net_amount), 0) as net_amount
    from {{ ref('mart_customer_purchase') }}
)

select
    reconciled.order_count,
    published.order_count as published_order_count,
    reconciled.net_amount,
    published.net_amount as published_net_amount
from reconciled
cross join published
where reconciled.order_count <> published.order_count or reconciled.net_amount <> published.net_amount
