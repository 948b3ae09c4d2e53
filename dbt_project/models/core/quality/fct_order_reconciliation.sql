-- Grain: source with orders or order lines.
-- Where its orders and their amounts went: each class by its own condition, and the orders that customers have by
-- looking for them, so that a lost or doubled order shows. A line belongs to the order that it returns, else to its
-- own; an order without a priced line has the amount of its header, as in fct_order.
{% set reasons = ['invalid', 'erased', 'orphan', 'later'] -%}
with priced as (
    select distinct order_key
    from {{ ref('fct_order_line') }}
    where net_amount is not null or original_order_key <> order_key
),

orders as (
    select
        orders.source,
        orders.order_key,
        orders.net_amount,
        case when priced.order_key is null then orders.header_net_amount end as header_net_amount,
        customer_orders.net_amount as customer_net_amount,
        customer_orders.order_key as customer_order_key,
        case
            when not orders.is_valid then 'invalid'
            when orders.record_key = orders.source || ':' || {{ erased_customer() }} then 'erased'
            when crosswalk.record_key is null then 'orphan'
            when orders.ordered_on > run.as_of_date then 'later'
        end as reason
    from {{ ref('fct_order') }} as orders
    cross join {{ ref('dim_run') }} as run
    left join priced on orders.order_key = priced.order_key
    left join {{ ref('id_crosswalk') }} as crosswalk on orders.record_key = crosswalk.record_key
    left join {{ ref('fct_customer_order') }} as customer_orders on orders.order_key = customer_orders.order_key
),

facts as (
    select
        source,
        count(*) as order_count,
        sum(net_amount) as order_net_amount
    from {{ ref('fct_order') }}
    group by source
),

classes as (
    select
        source,
        {%- for reason in reasons %}
        sum(case when reason = '{{ reason }}' then 1 else 0 end) as {{ reason }}_order_count,
        sum(case when reason = '{{ reason }}' then net_amount end) as {{ reason }}_net_amount,
        {%- endfor %}
        sum(header_net_amount) as header_net_amount,
        count(customer_order_key) as customer_order_count,
        sum(customer_net_amount) as net_amount
    from orders
    group by source
),

lines as (
    select
        lines.source,
        count(*) as line_count,
        sum(case when orders.order_key is null then 1 else 0 end) as orphan_line_count,
        sum(lines.net_amount) as line_net_amount,
        sum(case when orders.net_amount is null then lines.net_amount end) as orphan_line_net_amount
    from {{ ref('fct_order_line') }} as lines
    left join {{ ref('fct_order') }} as orders
        on coalesce(lines.original_order_key, lines.order_key) = orders.order_key
    group by lines.source
)

select
    coalesce(facts.source, lines.source) as source,
    {%- for count in [
        'facts.order_count', 'classes.invalid_order_count', 'classes.erased_order_count', 'classes.orphan_order_count',
        'classes.later_order_count',
        'classes.customer_order_count', 'lines.line_count', 'lines.orphan_line_count',
    ] %}
    cast(coalesce({{ count }}, 0) as bigint) as {{ count.split('.')[1] }},
    {%- endfor %}
    {%- for amount in [
        'lines.line_net_amount', 'lines.orphan_line_net_amount', 'classes.header_net_amount', 'facts.order_net_amount',
        'classes.invalid_net_amount', 'classes.erased_net_amount', 'classes.orphan_net_amount',
        'classes.later_net_amount', 'classes.net_amount',
    ] %}
    cast(coalesce({{ amount }}, 0) as decimal(18, 2)) as {{ amount.split('.')[1] }}{{ ',' if not loop.last }}
    {%- endfor %}
from facts
left join classes on facts.source = classes.source
full join lines on facts.source = lines.source
