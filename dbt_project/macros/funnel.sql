{#- Names and expressions that the funnel's facts and marts share. -#}

{% macro business_date(stamp) -%}
    {#- The date of a UTC timestamp in the warehouse's time zone. -#}
    cast({{ in_time_zone(stamp, "'" ~ var('time_zone') ~ "'") }} as date)
{%- endmacro %}


{% macro days_until(start_on, end_on) -%}
    {#- Whole days from one date to a later one or the same; NULL where the end comes first, which nobody can mean. -#}
    case when {{ end_on }} >= {{ start_on }} then {{ date_diff_days(start_on, end_on) }} end
{%- endmacro %}


{% macro outcome_window_days() %}
    {#- How long a deal has to be won or lost before rates judge it: as long again as a lead has to convert. -#}
    {{- return(2 * var('conversion_window_days')) -}}
{% endmacro %}


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


{% macro median_with_open(days, is_open) -%}
    {#-
        Median of whole days where some have not ended: they count as longer than all that have. `days` is NULL where
        it has not ended or is not known; NULL where fewer than half are known. A figure far above any real one stands
        for what is open: it is never part of the result, since the middle ones are known.
    -#}
    {%- set beyond = 1000000 -%}
    {%- set open_count = 'sum(case when ' ~ is_open ~ ' then 1 else 0 end)' -%}
    case
        when count({{ days }}) * 2 < count(*) or count({{ days }}) = 0 then null
        when {{ open_count }} = count({{ days }}) then cast(max({{ days }}) as double)
        else cast(
            {{ quantile('coalesce(' ~ days ~ ', case when ' ~ is_open ~ ' then ' ~ beyond ~ ' end)', 0.5) }} as double
        )
    end
{%- endmacro %}


{% macro benchmark_period(grain, period_start) -%}
    {#- A period as benchmarks name it: 2025, 2025-Q1, 2025-01; weeks have none. The grain is an expression here. -#}
    case {{ grain }}
        when 'year' then substr(cast({{ period_start }} as varchar), 1, 4)
        when 'quarter'
            then substr(cast({{ period_start }} as varchar), 1, 4) || case substr(cast({{ period_start }} as varchar), 6, 2)
                when '01' then '-Q1' when '04' then '-Q2' when '07' then '-Q3' else '-Q4'
            end
        when 'month' then substr(cast({{ period_start }} as varchar), 1, 7)
    end
{%- endmacro %}
