-- Grain: lead made by as_of_date, as it stood on that day: later contacts and conversions are not there yet.
-- Its segments are those before it was followed up: a lead knows its channel and its owner's team; kind and province
-- only if its customer was there before the lead, and in sources that name the customer of leads that have not
-- converted, too. Taken from what it became, every converted lead would be a `store` and every other `unknown`, and no
-- rate by kind would mean anything. A contact after the conversion is no follow-up of a lead. Where nobody recorded a
-- cost, the cost is unknown.
with staged as (
    select
        leads.*,
        source || ':' || lead_id as lead_key,
        source || ':' || customer_id as record_key,
        source || ':' || owner_id as owner_key,
        {{ business_date('coalesce(created_at, first_contact_at, modified_at)') }} as created_on,
        {{ business_date('first_contact_at') }} as contact_recorded_on,
        {{ business_date('converted_at') }} as conversion_recorded_on,
        count(lead_id) over (partition by source, campaign_id) as campaign_lead_count,
        count(case when converted_at is null then customer_id end) over (partition by source) > 0 as is_linked_before
    from {{ union_sources('leads') }} as leads
    where not is_deleted
),

campaigns as (
    select source, campaign_id, max(cost_amount) as cost_amount
    from {{ union_sources('campaigns') }}
    where not is_deleted
    group by source, campaign_id
),

contacts as (
    select
        contacts.lead_key,
        min(case when contacts.direction = 'in' then null else contacts.started_on end) as contacted_on,
        sum(contacts.cost_amount) as cost_amount
    from {{ ref('fct_interaction') }} as contacts
    inner join {{ ref('dim_run') }} as run on contacts.started_on <= run.as_of_date
    where not contacts.is_deleted and contacts.lead_key is not null
    group by contacts.lead_key
),

leads as (
    select
        staged.*,
        run.as_of_date,
        case
            when staged.contact_recorded_on <= run.as_of_date then staged.contact_recorded_on
            else contacts.contacted_on
        end as contact_on,
        case
            when staged.conversion_recorded_on <= run.as_of_date then staged.conversion_recorded_on
        end as converted_on,
        case
            when contacts.cost_amount is not null or campaigns.cost_amount is not null
                then coalesce(contacts.cost_amount, 0) + coalesce(campaigns.cost_amount / staged.campaign_lead_count, 0)
        end as lead_cost_amount
    from staged
    inner join {{ ref('dim_run') }} as run on staged.created_on <= run.as_of_date
    left join contacts on staged.lead_key = contacts.lead_key
    left join campaigns on staged.source = campaigns.source and staged.campaign_id = campaigns.campaign_id
),

timed as (
    select
        *,
        case when coalesce(contact_on <= converted_on, true) then contact_on end as first_contact_on,
        {{ days_until('contact_on', 'converted_on') }} as conversion_days
    from leads
),

known_customers as (
    select
        records.record_key,
        {{ business_date('records.created_at') }} as created_on,
        customers.kind,
        customers.province
    from {{ ref('id_record') }} as records
    inner join {{ ref('id_crosswalk') }} as crosswalk on records.record_key = crosswalk.record_key
    inner join {{ ref('dim_customer') }} as customers on crosswalk.customer_id = customers.customer_id
)

select
    timed.lead_key,
    timed.source,
    timed.record_key,
    timed.source || ':' || timed.opportunity_id as opportunity_key,
    coalesce(owners.owner_id, 'unknown') as owner_id,
    timed.created_on,
    timed.first_contact_on,
    timed.converted_on,
    timed.conversion_days,
    coalesce(timed.conversion_days <= {{ var('conversion_window_days') }}, false) as is_converted,
    coalesce(
        {{ is_over_since('timed.first_contact_on', var('conversion_window_days'), 'timed.as_of_date') }}, false
    ) as has_had_window,
    case
        when timed.score is not null
            then {{ rfm_score('timed.score', partition_by='timed.source, timed.score is null') }}
    end as score_band,
    cast(timed.lead_cost_amount as decimal(18, 6)) as cost_amount,
    coalesce(customers.kind, 'unknown') as kind,
    coalesce(timed.source_channel, 'unknown') as channel,
    coalesce(customers.province, 'unknown') as province,
    coalesce(teams.team, 'unknown') as owner_team
from timed
left join known_customers as customers
    on timed.record_key = customers.record_key
    and customers.created_on < timed.created_on
    and timed.is_linked_before
left join {{ ref('id_owner') }} as owners on timed.owner_key = owners.owner_key
left join {{ owner_teams() }} as teams on timed.owner_key = teams.owner_key
