-- Grain: customer × month with an interaction, an invitation or a mention.
-- How a customer and the company speak with each other. Rates stand once every question of the month has had the whole
-- time in which an answer counts (is_complete); before, they would look low only for being young.
with engagement as (
    select
        engagement.*,
        {{ add_days(period_end('month', 'engagement.month_start'), response_window_days()) }} <= run.as_of_date
            as is_complete
    from {{ ref('fct_engagement') }} as engagement
    cross join {{ ref('dim_run') }} as run
)

select
    cast(customer_id as varchar) as customer_id,
    cast(month_start as date) as month_start,
    {%- for name in ['interaction_count'] + interaction_counts() | list %}
    cast({{ name }} as bigint) as {{ name }},
    {%- endfor %}
    cast(replied_count as bigint) as replied_count,
    case when is_complete then {{ rate('replied_count', 'outbound_count') }} end as reply_rate,
    case when is_complete then {{ wilson_lower('replied_count', 'outbound_count') }} end as reply_rate_lower,
    case when is_complete then {{ wilson_upper('replied_count', 'outbound_count') }} end as reply_rate_upper,
    cast(invited_count as bigint) as invited_count,
    cast(responded_count as bigint) as responded_count,
    case when is_complete then {{ rate('responded_count', 'invited_count') }} end as participation_rate,
    case when is_complete then {{ wilson_lower('responded_count', 'invited_count') }} end as participation_rate_lower,
    case when is_complete then {{ wilson_upper('responded_count', 'invited_count') }} end as participation_rate_upper,
    cast(mention_count as bigint) as mention_count,
    is_complete
from engagement
