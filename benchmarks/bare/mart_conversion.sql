select
    owner_id, kind, channel, province, owner_team,
    date_trunc('week', first_contact_on), date_trunc('month', first_contact_on),
    date_trunc('quarter', first_contact_on), date_trunc('year', first_contact_on), count(*), count_if(is_converted)
from core.fct_lead
group by grouping sets (
    (6), (1, 6), (2, 6), (3, 6), (4, 6), (5, 6), (7), (1, 7), (2, 7), (3, 7), (4, 7), (5, 7),
    (8), (1, 8), (2, 8), (3, 8), (4, 8), (5, 8), (9), (1, 9), (2, 9), (3, 9), (4, 9), (5, 9)
);

select lead_key, count_if(outcome = 'won'), count_if(outcome = 'lost'), count_if(outcome = 'open')
from core.fct_opportunity
group by lead_key;
