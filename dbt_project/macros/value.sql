{#- The formulas of customer value. Every macro gives one expression, so that each definition stands once. -#}

{% macro rfm_score(value, order='asc', partition_by=none) -%}
    {#-
        1 (worst) to 5 (best) by the share of customers that are worse; `order` puts the worst first. Only customers
        with a purchase in the window may be among the rows. There is no tie-break on purpose: equals get equal
        scores, and whoever stands among the worst, such as every one-time buyer, gets 1 (ntile would deal them out).
    -#}
    cast(
        least(
            5,
            1 + floor(
                5 * percent_rank() over (
                    {%- if partition_by %}partition by {{ partition_by }} {% endif -%}
                    order by {{ value }} {{ order }} nulls first
                )
            )
        ) as integer
    )
{%- endmacro %}


{% macro purchases_per_year(purchase_day_count, tenure_days) -%}
    {#- Purchase days a year of tenure, which counts as 90 days at least: two visits in a week are not 104 a year. -#}
    {{ rate(purchase_day_count ~ ' * 365', 'greatest(' ~ tenure_days ~ ', 90)') }}
{%- endmacro %}


{% macro annual_churn_rate(lapsed_count, at_risk_count) -%}
    {#-
        Share lost in a year at the pace of pooled quarters: the quarterly churn L/S compounded over four quarters,
        1 − (1 − L/S)^4, so that it stays a share. NULL where nobody was at risk.
    -#}
    round(1 - power(1 - cast({{ lapsed_count }} as double) / nullif({{ at_risk_count }}, 0), 4), 9)
{%- endmacro %}


{% macro expected_lifetime_years(annual_churn_rate) -%}
    {#- 1 / annual churn, at most the warehouse's lifetime_cap_years (also where nobody was lost). -#}
    case
        when {{ annual_churn_rate }} * {{ var('lifetime_cap_years') }} > 1 then round(1 / {{ annual_churn_rate }}, 9)
        when {{ annual_churn_rate }} is not null then cast({{ var('lifetime_cap_years') }} as double)
    end
{%- endmacro %}
