-- Grain: customer × month with an interaction, an invitation to a campaign or a mention on a platform.
-- What passed between a customer and the company, over all records of the customer. A reply or response counts from the
-- day of its question on, within response_window_days() and by as_of_date. Who is in a campaign by two records was
-- invited once; a control arm is not invited. An invitation belongs to the month in which it was sent.
with interactions as (
    select
        crosswalk.customer_id,
        {{ period_start('month', 'interactions.started_on') }} as month_start,
        interactions.type,
        interactions.direction,
        coalesce(
            interactions.direction = 'out'
            and {{ business_date('interactions.replied_at') }} between interactions.started_on
            and least({{ add_days('interactions.started_on', response_window_days()) }}, run.as_of_date),
            false
        ) as is_replied
    from {{ ref('fct_interaction') }} as interactions
    inner join {{ ref('id_crosswalk') }} as crosswalk on interactions.record_key = crosswalk.record_key
    inner join {{ ref('dim_run') }} as run on interactions.started_on <= run.as_of_date
    where not interactions.is_deleted
),

invitations as (
    select
        crosswalk.customer_id,
        members.source || ':' || members.campaign_id as campaign_key,
        min({{ business_date('members.sent_at') }}) as invited_on,
        min(
            case
                when {{ business_date('members.responded_at') }} >= {{ business_date('members.sent_at') }}
                    then {{ business_date('members.responded_at') }}
            end
        ) as responded_on
    from {{ union_sources('campaign_members') }} as members
    inner join {{ ref('id_crosswalk') }} as crosswalk
        on members.source || ':' || members.customer_id = crosswalk.record_key
    inner join {{ ref('dim_run') }} as run on {{ business_date('members.sent_at') }} <= run.as_of_date
    where not members.is_deleted and coalesce(members.arm, 'treated') = 'treated'
    group by crosswalk.customer_id, members.source || ':' || members.campaign_id
),

counted as (
    select
        customer_id,
        month_start,
        count(*) as interaction_count,
        {%- for name, condition in interaction_counts().items() %}
        sum(case when {{ condition }} then 1 else 0 end) as {{ name }},
        {%- endfor %}
        sum(case when is_replied then 1 else 0 end) as replied_count,
        0 as invited_count,
        0 as responded_count,
        0 as mention_count
    from interactions
    group by customer_id, month_start

    union all

    select
        invitations.customer_id,
        {{ period_start('month', 'invitations.invited_on') }} as month_start,
        0 as interaction_count,
        {%- for name in interaction_counts() %}
        0 as {{ name }},
        {%- endfor %}
        0 as replied_count,
        1 as invited_count,
        case
            when invitations.responded_on
                <= least({{ add_days('invitations.invited_on', response_window_days()) }}, run.as_of_date) then 1
            else 0
        end as responded_count,
        0 as mention_count
    from invitations
    cross join {{ ref('dim_run') }} as run

    union all

    select
        crosswalk.customer_id,
        {{ period_start('month', business_date('mentions.occurred_at')) }} as month_start,
        0 as interaction_count,
        {%- for name in interaction_counts() %}
        0 as {{ name }},
        {%- endfor %}
        0 as replied_count,
        0 as invited_count,
        0 as responded_count,
        1 as mention_count
    from {{ union_sources('social_mentions') }} as mentions
    inner join {{ ref('id_crosswalk') }} as crosswalk
        on mentions.source || ':' || mentions.customer_id = crosswalk.record_key
    inner join {{ ref('dim_run') }} as run on {{ business_date('mentions.occurred_at') }} <= run.as_of_date
    where not mentions.is_deleted
)

select
    customer_id,
    month_start,
    {%- for name in ['interaction_count'] + interaction_counts() | list %}
    cast(sum({{ name }}) as bigint) as {{ name }},
    {%- endfor %}
    cast(sum(replied_count) as bigint) as replied_count,
    cast(sum(invited_count) as bigint) as invited_count,
    cast(sum(responded_count) as bigint) as responded_count,
    cast(sum(mention_count) as bigint) as mention_count
from counted
group by customer_id, month_start
