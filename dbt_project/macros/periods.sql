{#- Business dates, and the weeks, months, quarters and years that hold them. -#}

{% macro period_grains() %}
    {{- return(['week', 'month', 'quarter', 'year']) -}}
{% endmacro %}


{% macro periods_apart(grain, from_on, to_on) -%}
    {#- Whole months, quarters or years (the grain, plain text) between the periods that hold two dates. -#}
    cast((
        {{ month_index(period_start(grain, to_on)) }} - {{ month_index(period_start(grain, from_on)) }}
    ) / {{ {'month': 1, 'quarter': 3, 'year': 12}[grain] }} as bigint)
{%- endmacro %}


{% macro business_date(stamp) -%}
    {#- The date of a UTC timestamp in the warehouse's time zone. -#}
    cast({{ in_time_zone(stamp, "'" ~ var('time_zone') ~ "'") }} as date)
{%- endmacro %}


{% macro days_until(start_on, end_on) -%}
    {#- Whole days from one date to a later one or the same; NULL where the end comes first, which nobody can mean. -#}
    case when {{ end_on }} >= {{ start_on }} then {{ date_diff_days(start_on, end_on) }} end
{%- endmacro %}


{% macro next_period_start(grain, start_on, periods=1) -%}
    {#- First day of the week, month, quarter or year so many periods later (a negative number: earlier). -#}
    {%- if grain == 'week' -%}
    {{ add_days(start_on, 7 * periods) }}
    {%- else -%}
    {{ add_months(start_on, {'month': 1, 'quarter': 3, 'year': 12}[grain] * periods) }}
    {%- endif -%}
{%- endmacro %}


{% macro period_end(grain, date_on) -%}
    {#- Last day of the period (the grain, plain text) that holds a date. -#}
    {{ add_days(next_period_start(grain, period_start(grain, date_on)), -1) }}
{%- endmacro %}


{% macro is_over_since(period_end, days, as_of_date) -%}
    {#- Whether whatever happened on the period's last day has had so many whole days by the as-of date. -#}
    {{ add_days(period_end, days) }} <= {{ as_of_date }}
{%- endmacro %}
