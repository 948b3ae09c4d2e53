-- Grain: customer. One value per attribute: what survived the merge.
-- Private: it holds names, phones and addresses. core.dim_customer is what may be published of it.
with counted as (
    select
        customer_id,
        count(*) as record_count,
        count(distinct source) as source_count,
        min(case when is_deleted then 1 else 0 end) = 1 as is_deleted
    from {{ ref('id_attribute') }}
    group by customer_id
),

chosen as (
    select
        customer_id,
        {%- for attribute in surviving_attributes() %}
        {{ attribute }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('id_attribute') }}
    where customer_id in (
        select customer_id
        from counted
        where record_count = 1
    )
    union all
    select
        customer_id,
        {%- for attribute in surviving_attributes() %}
        max(case when attribute = '{{ attribute }}' then value end){{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('id_provenance') }}
    group by customer_id
)

select
    chosen.customer_id,
    {%- for attribute in surviving_attributes() if attribute not in ('birth_date', 'created_at', 'consent_marketing') %}
    chosen.{{ attribute }},
    {%- endfor %}
    cast(chosen.birth_date as date) as birth_date,
    cast(chosen.created_at as timestamp) as created_at,
    cast(chosen.consent_marketing as boolean) as consent_marketing,
    cast(counted.record_count as bigint) as record_count,
    cast(counted.source_count as bigint) as source_count,
    counted.is_deleted
from chosen
inner join counted on chosen.customer_id = counted.customer_id
