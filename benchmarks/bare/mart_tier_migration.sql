select
    dates.scored_on, days.customer_id, max(purchase_on), count(*), sum(net_amount),
    sum(net_amount) filter (purchase_on > scored_on - 365), sum(net_amount) filter (purchase_on > scored_on - 90)
from core.fct_purchase_day as days
inner join core.dim_scoring_date as dates on days.purchase_on <= dates.scored_on
group by all;

select scored_on, tier, count(*)
from core.fct_customer_tier_score
group by all;
