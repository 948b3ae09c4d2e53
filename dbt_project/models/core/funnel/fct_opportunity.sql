-- Grain: opportunity (deal) made by as_of_date, as it stood on that day: what closed later is open.
-- Rebuilt each run, so that the segments of its customer move when a merge is undone; the deal itself knows only the
-- record. A deal without a customer has its lead's channel. The team is that of whoever works on the deal.
with staged as (
    select
        opportunities.*,
        source || ':' || opportunity_id as opportunity_key,
        source || ':' || customer_id as record_key,
        source || ':' || owner_id as owner_key,
        coalesce(pipeline, 'unknown') as pipeline_name
    from {{ union_sources('opportunities') }} as opportunities
    where not is_deleted
),

entries as (
    select
        staged.opportunity_key,
        min(entries.entered_at) as first_entered_at,
        min(case when stages.is_proposal then entries.entered_at end) as proposal_entered_at,
        max(case when stages.outcome is not null then entries.entered_at end) as closing_entered_at
    from {{ union_sources('opportunity_stages') }} as entries
    inner join staged on entries.source || ':' || entries.opportunity_id = staged.opportunity_key
    left join {{ ref('dim_pipeline_stage') }} as stages
        on coalesce(entries.pipeline, staged.pipeline_name) = stages.pipeline and entries.stage = stages.stage
    where not entries.is_deleted
    group by staged.opportunity_key
),

converted_leads as (
    select opportunity_key, min(lead_key) as lead_key
    from {{ ref('fct_lead') }}
    where opportunity_key is not null
    group by opportunity_key
),

dated as (
    select
        staged.*,
        coalesce(staged.source || ':' || staged.lead_id, converted_leads.lead_key) as lead_key,
        {{ business_date(
            'coalesce(staged.created_at, entries.first_entered_at, staged.closed_at, staged.modified_at)'
        ) }} as created_on,
        {{ business_date('coalesce(staged.quoted_at, entries.proposal_entered_at)') }} as quoted_on,
        {{ business_date('coalesce(staged.closed_at, entries.closing_entered_at, staged.modified_at)') }} as closed_on,
        case when staged.is_won then 'won' when not staged.is_won then 'lost' else stages.outcome end as outcome
    from staged
    left join entries on staged.opportunity_key = entries.opportunity_key
    left join converted_leads on staged.opportunity_key = converted_leads.opportunity_key
    left join {{ ref('dim_pipeline_stage') }} as stages
        on staged.pipeline_name = stages.pipeline and staged.stage = stages.stage
),

known as (
    select
        dated.*,
        run.as_of_date,
        dated.outcome is not null and coalesce(dated.closed_on <= run.as_of_date, true) as is_closed
    from dated
    inner join {{ ref('dim_run') }} as run on dated.created_on <= run.as_of_date
)

select
    known.opportunity_key,
    known.source,
    known.record_key,
    known.lead_key,
    coalesce(owners.owner_id, 'unknown') as owner_id,
    known.pipeline_name as pipeline,
    known.stage,
    known.amount as expected_net_amount,
    known.created_on,
    least(coalesce(leads.first_contact_on, known.created_on), known.created_on) as first_contact_on,
    case when known.quoted_on <= known.as_of_date then known.quoted_on end as quoted_on,
    case when known.is_closed then known.closed_on end as closed_on,
    case when known.is_closed then known.outcome else 'open' end as outcome,
    case when known.is_closed and known.outcome = 'lost' then known.loss_reason end as loss_reason,
    coalesce(customers.kind, 'unknown') as kind,
    coalesce(customers.channel, leads.channel, 'unknown') as channel,
    coalesce(customers.province, 'unknown') as province,
    coalesce(teams.team, 'unknown') as owner_team
from known
left join {{ ref('fct_lead') }} as leads on known.lead_key = leads.lead_key
left join {{ ref('id_crosswalk') }} as crosswalk on known.record_key = crosswalk.record_key
left join {{ ref('dim_customer') }} as customers on crosswalk.customer_id = customers.customer_id
left join {{ ref('id_owner') }} as owners on known.owner_key = owners.owner_key
left join {{ owner_teams() }} as teams on known.owner_key = teams.owner_key
