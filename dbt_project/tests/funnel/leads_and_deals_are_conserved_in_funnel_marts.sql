-- Leads and deals from staging to the marts, counted apart at both ends. A row names the figure that differs.
-- Every lead, contact and deal stands once in the months of `all`; a deal enters the first stage of its pipeline once.
{% set comparisons = [
    ('leads of core', 'staged.lead_count', 'core.lead_count'),
    ('deals of core', 'staged.deal_count', 'core.deal_count'),
    ('leads followed up in mart_conversion', 'core.contact_count', 'conversion.contact_count'),
    ('leads converted in mart_conversion', 'core.converted_count', 'conversion.converted_count'),
    ('deals of followed up leads in mart_conversion', 'core.lead_deal_count', 'conversion.deal_count'),
    ('leads of mart_lead_quality', 'core.lead_count', 'quality.lead_count'),
    ('leads with their window over in mart_lead_quality', 'core.matured_count', 'quality.matured_count'),
    ('deals in the first stages of mart_funnel_stage', 'core.staged_deal_count', 'funnel.deal_count'),
    ('deals won in mart_funnel_stage', 'core.staged_won_count', 'funnel.won_count'),
    ('deals made in mart_sales_cycle', 'core.deal_count', 'cycle.made_count'),
    ('deals closed in mart_sales_cycle', 'core.closed_count', 'cycle.closed_count'),
] -%}
with run as (
    select as_of_date from {{ ref('dim_run') }}
),

staged_leads as (
    select count(*) as lead_count
    from {{ union_sources('leads') }} as leads
    cross join run
    where
        not leads.is_deleted
        and {{ business_date('coalesce(leads.created_at, leads.first_contact_at, leads.modified_at)') }}
        <= run.as_of_date
),

-- The day of a deal that was made at no known time is core's to find.
staged_deals as (
    select count(*) as deal_count
    from {{ union_sources('opportunities') }} as deals
    cross join run
    left join {{ ref('fct_opportunity') }} as facts
        on deals.source || ':' || deals.opportunity_id = facts.opportunity_key and deals.created_at is null
    where
        not deals.is_deleted
        and coalesce({{ business_date('deals.created_at') }}, facts.created_on) <= run.as_of_date
),

staged as (
    select * from staged_leads cross join staged_deals
),

leads as (
    select
        count(*) as lead_count,
        count(first_contact_on) as contact_count,
        coalesce(sum(case when is_converted then 1 else 0 end), 0) as converted_count,
        coalesce(sum(case when has_had_window then 1 else 0 end), 0) as matured_count
    from {{ ref('fct_lead') }}
),

deals as (
    select
        count(*) as deal_count,
        count(contacted.lead_key) as lead_deal_count,
        count(facts.closed_on) as closed_count,
        count(stages.pipeline) as staged_deal_count,
        coalesce(sum(case when stages.pipeline is not null and facts.outcome = 'won' then 1 else 0 end), 0)
            as staged_won_count
    from {{ ref('fct_opportunity') }} as facts
    left join {{ ref('fct_lead') }} as contacted
        on facts.lead_key = contacted.lead_key and contacted.first_contact_on is not null
    -- A pipeline of which nothing but closing stages is known has no stage to enter.
    left join {{ ref('dim_pipeline_stage') }} as stages
        on facts.pipeline = stages.pipeline and stages.stage_position = 1
),

core as (
    select * from leads cross join deals
),

conversion as (
    select
        coalesce(sum(followed_up_count), 0) as contact_count,
        coalesce(sum(converted_count), 0) as converted_count,
        coalesce(sum(won_count + lost_count + open_count), 0) as deal_count
    from {{ ref('mart_conversion') }}
    where period_grain = 'month' and segment_type = 'all' and owner_id = 'all'
),

quality as (
    select
        coalesce(sum(lead_count), 0) as lead_count,
        coalesce(sum(matured_count), 0) as matured_count
    from {{ ref('mart_lead_quality') }}
    where score_band <> 'all' and source_channel <> 'all'
),

funnel as (
    select
        coalesce(sum(entered_count), 0) as deal_count,
        coalesce(sum(won_count), 0) as won_count
    from {{ ref('mart_funnel_stage') }}
    where period_grain = 'month' and segment_type = 'all' and stage_position = 1
),

cycle as (
    select
        coalesce(sum(case when period_by = 'created' then opportunity_count end), 0) as made_count,
        coalesce(sum(case when period_by = 'closed' then opportunity_count end), 0) as closed_count
    from {{ ref('mart_sales_cycle') }}
    where period_grain = 'month' and segment_type = 'all'
),

compared as (
    {%- for figure, expected, found in comparisons %}
    select
        '{{ figure }}' as figure,
        {{ expected }} as expected,
        {{ found }} as found
    from {{ expected.split('.')[0] }}
    cross join {{ found.split('.')[0] }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
)

select
    figure,
    expected,
    found
from compared
where expected <> found
