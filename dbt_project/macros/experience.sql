{#- What the models of service, surveys and engagement share. Every macro gives one expression or a constant. -#}


{% macro response_window_days() %}
    {#-
        An answer to a survey, a message or an invitation counts within this many days, so that an old month has had
        no longer to be answered than a young one. A rate of answers is NULL until a period's last question has had them.
    -#}
    {{- return(30) -}}
{% endmacro %}


{% macro feedback_scales() %}
    {#- Kind of feedback → lowest and highest score of its scale. -#}
    {{- return({'csat': [1, 5], 'nps': [0, 10], 'review': [1, 5]}) -}}
{% endmacro %}


{% macro interaction_counts() %}
    {#-
        Name of a count of interactions → which ones it counts. Offline is face to face (visits, events), online all
        others. An interaction whose channel or direction the source does not say is in the total alone.
    -#}
    {%- set counts = {
        'inbound_count': "direction = 'in'",
        'outbound_count': "direction = 'out'",
        'online_count': "type in ('call', 'message', 'email', 'social')",
        'offline_count': "type in ('visit', 'event')",
    } -%}
    {%- for channel in ['call', 'visit', 'message', 'email', 'event', 'social'] -%}
        {%- for direction in ['in', 'out'] -%}
            {%- do counts.update({
                channel ~ '_' ~ direction ~ 'bound_count':
                    "type = '" ~ channel ~ "' and direction = '" ~ direction ~ "'"
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(counts) -}}
{% endmacro %}


{% macro experience_segment_types() %}
    {#- Segment types of service and surveys: the steady ones, and the tier on the day before the period. -#}
    {{- return(steady_segment_types() + ['tier']) -}}
{% endmacro %}


{% macro clock_tolerance_minutes() %}
    {#- Clocks of two systems differ, and some write whole minutes: so much before its question is at once. -#}
    {{- return(5) -}}
{% endmacro %}


{% macro not_before(stamp, start_at) -%}
    {#- The timestamp; where it is before the start by no more than clocks differ, the start. -#}
    case
        when
            {{ stamp }} < {{ start_at }}
            and {{ seconds_between(stamp, start_at) }} <= {{ 60 * clock_tolerance_minutes() }} then {{ start_at }}
        else {{ stamp }}
    end
{%- endmacro %}


{% macro known_by(stamp, as_of_date) -%}
    {#- The timestamp, NULL where it lies after the as-of date: what had not happened then had not happened. -#}
    case when {{ business_date(stamp) }} <= {{ as_of_date }} then {{ stamp }} end
{%- endmacro %}


{% macro end_of_day(date_on) -%}
    {#- UTC timestamp at which a business date is over. -#}
    {{ local_to_utc('cast(' ~ add_days(date_on, 1) ~ ' as timestamp)', "'" ~ var('time_zone') ~ "'") }}
{%- endmacro %}


{% macro hours_between(start_at, end_at) -%}
    {#- Hours from one timestamp to a later one or the same, four decimals; NULL where the end comes first. -#}
    cast(
        case when {{ end_at }} >= {{ start_at }} then round({{ seconds_between(start_at, end_at) }} / 3600.0, 4) end
        as decimal(18, 4)
    )
{%- endmacro %}


{% macro out_of_scale_rate() -%}
    {#- Of the scores given, the share on another scale; NULL under 30, where a slip or two would be a tenth. -#}
    case
        when answered_count + out_of_scale_count >= 30
            then {{ rate('out_of_scale_count', '(answered_count + out_of_scale_count)') }}
    end
{%- endmacro %}


{% macro nps(promoters, detractors, answers) -%}
    {#- Share of promoters less share of detractors, -1 to 1; NULL without answers. -#}
    {{ rate('(' ~ promoters ~ ' - ' ~ detractors ~ ')', answers) }}
{%- endmacro %}


{% macro nps_bound(promoters, detractors, answers, sign) -%}
    {#-
        p - d ± z · sqrt((p + d - (p - d)²) / n): the 95 % normal interval of a difference of two shares of one
        multinomial sample. NULL under 30 answers, where the normal is no approximation.
    -#}
    {%- set p = '(cast(' ~ promoters ~ ' as double) / ' ~ answers ~ ')' -%}
    {%- set d = '(cast(' ~ detractors ~ ' as double) / ' ~ answers ~ ')' -%}
    {%- set difference = '(' ~ p ~ ' - ' ~ d ~ ')' -%}
    case
        when {{ answers }} >= 30
            then round(least(1.0, greatest(-1.0,
                {{ difference }} {{ sign }} 1.959963984540054 * sqrt(greatest(
                    0.0, ({{ p }} + {{ d }} - {{ difference }} * {{ difference }}) / {{ answers }}
                ))
            )), 9)
    end
{%- endmacro %}


{% macro case_counts() %}
    {#- What is counted of cases per period, segment and type. -#}
    {{- return([
        'case_count', 'case_customer_count', 'case_buyer_count', 'unanswered_count', 'open_count',
        'response_due_count', 'response_in_time_count', 'resolution_due_count', 'resolution_in_time_count',
        'misdated_count',
    ]) -}}
{% endmacro %}
