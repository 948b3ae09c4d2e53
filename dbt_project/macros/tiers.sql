{#- The customer tier of value, loyalty and potential: how a measure becomes a score, and scores become one. -#}

{% macro tier_measures() %}
    {#- Score → the measures it is made of, worst first in the order named; weights are those of the seed tier_rules. -#}
    {{- return({
        'value': {'rfm_total': 'asc', 'historic_net_amount': 'asc'},
        'loyalty': {'complaint_rate': 'desc', 'return_rate': 'desc', 'referral_count': 'asc'},
        'potential': {'trend_share': 'asc', 'wallet_gap_amount': 'asc'},
    }) -}}
{% endmacro %}


{% macro rank_score(measure, order, partition_by) -%}
    {#-
        0 to 100: the share of customers that are worse and half of those alike, oneself among them (Bross's ridit), so
        that equals get equal scores, the mean is 50, and a measure in which all are alike says 50 and decides nothing.
        rfm_score() gives equals the lowest place of theirs; here nearly everybody has no complaint, and that is no fault.
    -#}
    50 * (
        cast(rank() over (partition by {{ partition_by }} order by {{ measure }} {{ order }} nulls last) - 1 as double)
        / count(*) over (partition by {{ partition_by }})
        + cume_dist() over (partition by {{ partition_by }} order by {{ measure }} {{ order }} nulls last)
    )
{%- endmacro %}


{% macro weighted_score(scores, rules) -%}
    {#- The mean of scores by their weights, two decimals; score → column, the weights are `<score>_weight` in `rules`. -#}
    cast(
        round(
            ({% for name, column in scores.items() %}{{ rules }}.{{ name }}_weight * {{ column }}{{ ' + ' if not loop.last }}{% endfor %})
            / ({% for name in scores %}{{ rules }}.{{ name }}_weight{{ ' + ' if not loop.last }}{% endfor %}),
            2
        ) as decimal(5, 2)
    )
{%- endmacro %}
