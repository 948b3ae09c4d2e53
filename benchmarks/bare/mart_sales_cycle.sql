select
    kind, channel, province, owner_team,
    date_trunc('week', closed_on), date_trunc('month', closed_on), date_trunc('quarter', closed_on),
    date_trunc('year', closed_on), count(*), count_if(outcome = 'won'), avg(closed_on - first_contact_on),
    quantile_cont(closed_on - first_contact_on, [0.5, 0.9]), quantile_cont(closed_on - quoted_on, 0.5),
    quantile_cont(quoted_on - first_contact_on, 0.5)
from core.fct_opportunity
group by grouping sets (
    (5), (1, 5), (2, 5), (3, 5), (4, 5), (6), (1, 6), (2, 6), (3, 6), (4, 6),
    (7), (1, 7), (2, 7), (3, 7), (4, 7), (8), (1, 8), (2, 8), (3, 8), (4, 8)
);

select
    kind, channel, province, owner_team,
    date_trunc('week', created_on), date_trunc('month', created_on), date_trunc('quarter', created_on),
    date_trunc('year', created_on), count(*), count_if(outcome = 'won'), avg(closed_on - first_contact_on),
    quantile_cont(closed_on - first_contact_on, [0.5, 0.9]), quantile_cont(closed_on - quoted_on, 0.5),
    quantile_cont(quoted_on - first_contact_on, 0.5)
from core.fct_opportunity
group by grouping sets (
    (5), (1, 5), (2, 5), (3, 5), (4, 5), (6), (1, 6), (2, 6), (3, 6), (4, 6),
    (7), (1, 7), (2, 7), (3, 7), (4, 7), (8), (1, 8), (2, 8), (3, 8), (4, 8)
);
