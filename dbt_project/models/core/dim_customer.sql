-- Grain: customer.
-- What may be known of a customer outside the private warehouse: masked name and phone, coarse region, minted owner.
-- A refusal of any of the customer's records outweighs every consent, wherever either was said.
with survivors as (
    select * from {{ ref('id_survivor') }}
),

purchases as (
    select
        customer_id,
        min(purchase_on) as first_order_on,
        max(purchase_on) as last_order_on
    from {{ ref('fct_purchase_day') }}
    group by customer_id
),

consents as (
    select customer_id, min(case when is_granted then 1 else 0 end) = 1 as consent_marketing
    from {{ ref('fct_consent_event') }}
    where event_type = 'statement' and purpose = 'marketing'
    group by customer_id
)

select
    survivors.customer_id,
    survivors.kind,
    {{ mask_name('survivors.name') }} as name_masked,
    {{ mask_phone('survivors.phone') }} as phone_masked,
    survivors.province,
    survivors.city,
    survivors.channel,
    survivors.level,
    owners.owner_id,
    teams.team as owner_team,
    survivors.tags,
    survivors.record_count,
    survivors.source_count,
    cast(({{ filled_share('survivors') }}) as decimal(9, 6)) as completeness_score,
    purchases.first_order_on,
    purchases.last_order_on,
    consents.consent_marketing,
    survivors.is_deleted
from survivors
left join purchases on survivors.customer_id = purchases.customer_id
left join {{ ref('id_owner') }} as owners on survivors.owner_id = owners.owner_key
left join {{ owner_teams() }} as teams on survivors.owner_id = teams.owner_key
left join consents on survivors.customer_id = consents.customer_id
