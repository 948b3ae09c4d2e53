-- Grain: as_of_date × object (source.object).
-- What came in, what became of it, and that nothing is missing: each step's difference has a named reason, counted on
-- its own, and whatever no reason explains is in unexplained_count and unexplained_amount. They are zero, or the run is
-- not published. Figures of customers, orders, lines, cases or feedback are NULL for objects that do not carry them.
{% set steps = [
    ('received_count', 'loaded_count + rejected_count'),
    ('loaded_count', 'raw_count'),
    ('raw_count', 'superseded_count + staged_count'),
    ('staged_customer_count', 'crosswalk_count'),
    ('staged_order_count', 'order_count'),
    (
        'order_count',
        'invalid_order_count + erased_order_count + orphan_order_count + later_order_count + customer_order_count',
    ),
    ('living_line_count', 'line_count'),
] -%}
{%- set amount_steps = [
    ('line_net_amount', 'orphan_line_net_amount + order_net_amount - header_net_amount'),
    (
        'order_net_amount',
        'invalid_net_amount + erased_net_amount + orphan_net_amount + later_net_amount + net_amount',
    ),
] -%}
with counts as (
    select * from {{ ref('fct_reconciliation') }}
)

select
    cast(as_of_date as date) as as_of_date,
    cast(object as varchar) as object,
    {%- for count in [
        'received_count', 'rejected_count', 'loaded_count', 'raw_count', 'superseded_count', 'staged_count',
        'deleted_count', 'staged_customer_count', 'crosswalk_count', 'staged_order_count', 'order_count',
        'invalid_order_count', 'erased_order_count', 'orphan_order_count', 'later_order_count',
        'customer_order_count', 'living_line_count', 'line_count', 'orphan_line_count', 'orphan_case_count',
        'orphan_feedback_count',
    ] %}
    cast({{ count }} as bigint) as {{ count }},
    {%- endfor %}
    {%- for amount in [
        'line_net_amount', 'orphan_line_net_amount', 'header_net_amount', 'order_net_amount', 'invalid_net_amount',
        'erased_net_amount', 'orphan_net_amount', 'later_net_amount', 'net_amount',
    ] %}
    cast({{ amount }} as decimal(18, 2)) as {{ amount }},
    {%- endfor %}
    cast(
        {%- for whole, parts in steps %}
        coalesce(abs({{ whole }} - ({{ parts }})), 0){{ ' +' if not loop.last }}
        {%- endfor %} as bigint
    ) as unexplained_count,
    cast(
        {%- for whole, parts in amount_steps %}
        coalesce(abs({{ whole }} - ({{ parts }})), 0){{ ' +' if not loop.last }}
        {%- endfor %} as decimal(18, 2)
    ) as unexplained_amount
from counts
