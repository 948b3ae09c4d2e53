{#- Names and expressions that the period, cohort and daily models share. -#}

{% macro retention_counts() %}
    {#- What is counted per period and segment: S, E, N, R, X, L, and who bought on two days or more. -#}
    {{- return([
        'active_start', 'active_end', 'new_customers', 'retained_customers', 'reactivated_customers',
        'lapsed_customers', 'repeat_buyer_count',
    ]) -}}
{% endmacro %}


{% macro activity_windows() %}
    {#- The trailing windows, name and days, in which daily figures call a customer active. -#}
    {{- return({'30': 30, '60': 60, 'lapsed': var('lapsed_after_days')}) -}}
{% endmacro %}
