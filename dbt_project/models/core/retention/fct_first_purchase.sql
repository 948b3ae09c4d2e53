-- Grain: customer with a purchase.
-- The first purchase with the segments that do not change with time side by side. profile_number stands for their
-- combination (dim_customer_profile): large tables are grouped by one number and meet the segments' names afterwards.
{%- set types = steady_segment_types() %}
with segments as (
    select
        customer_id
        {%- for type in types %},
        max(case when segment_type = '{{ type }}' then segment end) as {{ type }}
        {%- endfor %}
    from {{ ref('dim_customer_segment') }}
    group by customer_id
),

purchases as (
    select
        purchases.customer_id,
        purchases.purchase_on as first_purchase_on
        {%- for type in types %},
        coalesce(segments.{{ type }}, 'unknown') as {{ type }}
        {%- endfor %}
    from {{ ref('fct_purchase_day') }} as purchases
    left join segments on purchases.customer_id = segments.customer_id
    where purchases.purchase_number = 1
)

select
    *,
    dense_rank() over (
        order by {% for type in types %}{{ type }} asc nulls last{{ ', ' if not loop.last }}{% endfor %}
    ) as profile_number
from purchases
