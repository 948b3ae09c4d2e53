{#-
    Dates and times. Every argument is an SQL expression, except a format, a unit or a Jinja number where said.
    Timestamps are without zone; which zone they are in is the column's meaning (`_at` is always UTC).
-#}

{% macro parse_timestamp(value, format) %}
    {#- Text to timestamp by one strptime format (plain text, '%Y-%m-%d %H:%M:%S'), NULL where it does not fit. -#}
    {{- return(adapter.dispatch('parse_timestamp', 'liucun')(value, format)) -}}
{% endmacro %}

{% macro duckdb__parse_timestamp(value, format) -%}
    try_strptime({{ value }}, '{{ format }}')
{%- endmacro %}


{% macro parse_local_stamp(value) %}
    {#-
        Year-first date with an optional time (2025-01-02, 2025/1/2 3:04, 2025-01-02T03:04:05.6) to a timestamp
        as written, NULL for any other text. Midnight where there is no time.
    -#}
    {{- return(adapter.dispatch('parse_local_stamp', 'liucun')(value)) -}}
{% endmacro %}

{#- The shape is tested first: the bare cast also takes 'epoch', 'infinity' and years BC, and drops an offset. -#}
{% macro duckdb__parse_local_stamp(value) -%}
    case
        when regexp_matches(
            {{ value }},
            '^[0-9]{4}(-[0-9]{1,2}-|/[0-9]{1,2}/)[0-9]{1,2}([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?$'
        )
            then try_cast({{ value }} as timestamp)
    end
{%- endmacro %}


{% macro parse_offset_stamp(value) %}
    {#- Date and time with Z or an offset (2025-01-02T03:04:05+08:00) to a UTC timestamp, NULL for other texts. -#}
    {{- return(adapter.dispatch('parse_offset_stamp', 'liucun')(value)) -}}
{% endmacro %}

{% macro duckdb__parse_offset_stamp(value) -%}
    case
        when regexp_matches(
            {{ value }},
            '^[0-9]{4}(-[0-9]{1,2}-|/[0-9]{1,2}/)[0-9]{1,2}[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$'
        )
            then timezone('UTC', try_cast(replace(replace({{ value }}, ' +', '+'), ' -', '-') as timestamptz))
    end
{%- endmacro %}


{% macro from_epoch_ms(value) %}
    {#- Whole milliseconds since 1970-01-01 UTC (an integer expression) to a UTC timestamp. -#}
    {{- return(adapter.dispatch('from_epoch_ms', 'liucun')(value)) -}}
{% endmacro %}

{% macro duckdb__from_epoch_ms(value) -%}
    epoch_ms(cast({{ value }} as bigint))
{%- endmacro %}


{% macro in_time_zone(value, zone) %}
    {#- UTC timestamp to the local timestamp of a zone; the zone is an expression: `"'Asia/Shanghai'"` or a column. -#}
    {{- return(adapter.dispatch('in_time_zone', 'liucun')(value, zone)) -}}
{% endmacro %}

{% macro duckdb__in_time_zone(value, zone) -%}
    {%- if zone == "'UTC'" -%}
    {{ value }}
    {%- else -%}
    timezone({{ zone }}, timezone('UTC', {{ value }}))
    {%- endif -%}
{%- endmacro %}


{% macro local_to_utc(value, zone) %}
    {#- Local timestamp of a zone (an expression, as above) to UTC. An hour that occurs twice means its first. -#}
    {{- return(adapter.dispatch('local_to_utc', 'liucun')(value, zone)) -}}
{% endmacro %}

{% macro duckdb__local_to_utc(value, zone) -%}
    {%- if zone == "'UTC'" -%}
    {{ value }}
    {%- else -%}
    timezone('UTC', timezone({{ zone }}, {{ value }}))
    {%- endif -%}
{%- endmacro %}


{% macro date_diff_days(start_on, end_on) %}
    {#- Whole days from one date to another, negative when the end is earlier (bigint). -#}
    {{- return(adapter.dispatch('date_diff_days', 'liucun')(start_on, end_on)) -}}
{% endmacro %}

{% macro duckdb__date_diff_days(start_on, end_on) -%}
    date_diff('day', {{ start_on }}, {{ end_on }})
{%- endmacro %}


{% macro add_days(date_on, days) %}
    {#- A date some days later; days is a whole-number expression and may be negative. -#}
    {{- return(adapter.dispatch('add_days', 'liucun')(date_on, days)) -}}
{% endmacro %}

{% macro duckdb__add_days(date_on, days) -%}
    cast({{ date_on }} + cast({{ days }} as integer) as date)
{%- endmacro %}


{% macro add_months(date_on, months) %}
    {#- A date some months later, on the month's last day where the day does not exist. -#}
    {{- return(adapter.dispatch('add_months', 'liucun')(date_on, months)) -}}
{% endmacro %}

{% macro duckdb__add_months(date_on, months) -%}
    cast({{ date_on }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}


{% macro period_start(grain, date_on) %}
    {#- First day of the week (Monday), month, quarter or year that holds a date; the grain is plain text. -#}
    {{- return(adapter.dispatch('period_start', 'liucun')(grain, date_on)) -}}
{% endmacro %}

{% macro duckdb__period_start(grain, date_on) -%}
    cast(date_trunc('{{ grain }}', {{ date_on }}) as date)
{%- endmacro %}


{% macro month_index(date_on) %}
    {#- Months counted through the years (year × 12 + month), so that a difference of two is a number of months. -#}
    {{- return(adapter.dispatch('month_index', 'liucun')(date_on)) -}}
{% endmacro %}

{% macro duckdb__month_index(date_on) -%}
    (year({{ date_on }}) * 12 + month({{ date_on }}))
{%- endmacro %}


{% macro month_of_index(index) %}
    {#- First day of the month that month_index() numbered. -#}
    {{- return(adapter.dispatch('month_of_index', 'liucun')(index)) -}}
{% endmacro %}

{% macro duckdb__month_of_index(index) -%}
    make_date(({{ index }} - 1) // 12, ({{ index }} - 1) % 12 + 1, 1)
{%- endmacro %}


{% macro each_day(first_on, last_on) %}
    {#- For a select list: one row per day from the first date to the last, both included. -#}
    {{- return(adapter.dispatch('each_day', 'liucun')(first_on, last_on)) -}}
{% endmacro %}

{% macro duckdb__each_day(first_on, last_on) -%}
    cast(unnest(generate_series(cast({{ first_on }} as date), cast({{ last_on }} as date), interval 1 day)) as date)
{%- endmacro %}
