{#- Warnings and reasons of churn: their thresholds, and the words a salesman reads. -#}

{% macro churn_rules() %}
    {#-
        The thresholds of warnings and reasons, one place for all. A window is [a, b]: the days after the a-th before
        the as-of date, up to the b-th before it.
    -#}
    {{- return({
        'windows': {'recent': [90, 0], 'previous': [180, 90], 'usual': [455, 90]},
        'least_gaps': 3,
        'fewer_share': 0.5,
        'fewer_least': 4,
        'spend_share': 0.5,
        'usual_least_days': 90,
        'usual_least_purchases': 4,
        'expected_least_gaps': 2,
        'recent_days': 90,
        'service_days': 180,
        'low_scores': {'csat': 2, 'nps': 6, 'review': 2},
        'recent_months': 3,
        'earlier_months': 6,
        'least_answers': 3,
    }) -}}
{% endmacro %}


{% macro evaluated_days() -%}
    {#- Whoever bought in so many days is scored and checked: nobody who counts as lapsed is among them. -#}
    {{ [90, var('lapsed_after_days')] | min }}
{%- endmacro %}


{% macro service_signals() %}
    {#- The columns of fct_service_signal that reasons speak of. -#}
    {{- return([
        'open_complaint_count', 'open_complaint_days', 'low_score_kind', 'low_score', 'highest_score',
        'return_count_90', 'lost_deal_days', 'recent_contact_count', 'earlier_contact_count', 'earlier_answer_count',
        'has_stopped_answering',
    ]) -}}
{% endmacro %}


{% macro in_churn_window(date_on, window, as_of_date) -%}
    {#- Whether a date lies in a window of churn_rules(), by its name. -#}
    {%- set first, last = churn_rules()['windows'][window] -%}
    {{ date_on }} > {{ add_days(as_of_date, -first) }} and {{ date_on }} <= {{ add_days(as_of_date, -last) }}
{%- endmacro %}


{% macro is_in_risk_tier(tiers, probability, is_lapsed) -%}
    {#- Whether a row of the seed risk_tiers is the tier of a probability; true for exactly one row of it. -#}
    case
        when {{ is_lapsed }} then {{ tiers }}.risk_tier = 'lapsed'
        when {{ probability }} is null then {{ tiers }}.risk_tier = 'unknown'
        else
            {{ probability }} >= {{ tiers }}.probability_from
            and ({{ probability }} < {{ tiers }}.probability_below or {{ tiers }}.probability_below is null)
    end
{%- endmacro %}


{% macro churn_reasons() %}
    {#-
        The kinds of reasons, the most important first: when each holds (over `signals` of fct_churn_signal), and its
        words. What shows in no purchase at all is not said twice: spend and pace are compared only while there is some.
    -#}
    {%- set silence, bought = in_text('signals.current_gap_days'), in_text('signals.recent_day_count') -%}
    {%- set mean_gap = 'cast(round(signals.mean_gap_days) as integer)' -%}
    {%- set complaints, complained = in_text('signals.open_complaint_count'), 'signals.open_complaint_days' -%}
    {%- set score, highest = in_text('signals.low_score'), in_text('signals.highest_score') -%}
    {%- set less = 'cast(least(99, round(100 * (1 - signals.recent_amount / signals.usual_amount_90))) as integer)' -%}
    {%- set returned = in_text('signals.return_count_90') -%}
    {%- set answered = in_text('signals.earlier_answer_count') -%}
    {%- set contacted = in_text('signals.earlier_contact_count') -%}
    {{- return({
        'unusual_gap': {
            'when': 'signals.is_gap_unusual',
            'zh': joined(
                "case when " ~ mean_gap ~ " = 1 then '平均每天' else " ~ joined("'平均'", in_text(mean_gap), "'天'") ~ " end",
                "'购买一次，已'", silence, "'天未购买'"
            ),
            'en': joined(
                "case when " ~ mean_gap ~ " = 1 then 'buys every day' else "
                ~ joined("'buys every '", in_text(mean_gap), "' days'") ~ " end",
                "' on average, has not bought for '", counted_en('signals.current_gap_days', 'day')
            ),
        },
        'silence': {
            'when': 'signals.is_lapsed and not signals.is_gap_unusual',
            'zh': joined("'已'", silence, "'天未购买'"),
            'en': joined("'has not bought for '", counted_en('signals.current_gap_days', 'day')),
        },
        'open_complaint': {
            'when': 'signals.open_complaint_count > 0',
            'zh': "case when signals.open_complaint_count = 1 then " ~ joined(days_ago_zh(complained), "'的投诉尚未解决'")
                ~ " else " ~ joined(complaints, "'个投诉尚未解决，最早的在'", days_ago_zh(complained)) ~ " end",
            'en': "case when signals.open_complaint_count = 1 then "
                ~ joined("'a complaint made '", days_ago_en(complained), "' is still open'") ~ " else "
                ~ joined(complaints, "' complaints are still open, the oldest made '", days_ago_en(complained)) ~ " end",
        },
        'low_score': {
            'when': 'signals.low_score is not null',
            'zh': joined(
                "case signals.low_score_kind when 'csat' then '最近一次满意度评分为' when 'nps' then '最近一次推荐意愿评分为'"
                ~ " else '最近一次评价为' end", score, "'分（满分'", highest, "'分）'"
            ),
            'en': joined(
                "'gave '", score, "' of '", highest,
                "case signals.low_score_kind when 'csat' then ' in the last satisfaction survey'"
                ~ " when 'nps' then ' when last asked to recommend us' else ' in the last review' end"
            ),
        },
        'less_spent': {
            'when': 'signals.is_spend_warning and signals.recent_day_count > 0',
            'zh': joined("'近90天消费比以往平均少'", in_text(less), "'%'"),
            'en': joined("'spent '", in_text(less), "'% less than usual in the last 90 days'"),
        },
        'fewer_purchases': {
            'when': 'signals.has_fewer_purchases'
                ~ ' and (signals.recent_day_count > 0 or not (signals.is_gap_unusual or signals.is_lapsed))',
            'zh': joined(
                "'近90天'", "case when signals.recent_day_count = 0 then '未购买' else " ~ joined("'购买'", bought, "'次'")
                ~ " end", "'，此前90天购买'", in_text('signals.previous_day_count'), "'次'"
            ),
            'en': joined(
                "case signals.recent_day_count when 0 then 'has not bought' when 1 then 'bought once' else "
                ~ joined("'bought '", bought, "' times'") ~ " end", "' in the last 90 days, '",
                counted_en('signals.previous_day_count', 'time'), "' in the 90 days before'"
            ),
        },
        'lost_deal': {
            'when': 'signals.lost_deal_days is not null',
            'zh': joined("'最近一个商机'", days_ago_zh('signals.lost_deal_days'), "'输单'"),
            'en': joined("'the last deal was lost '", days_ago_en('signals.lost_deal_days')),
        },
        'no_answers': {
            'when': 'signals.has_stopped_answering',
            'zh': joined(
                "'最近'", in_text('signals.recent_contact_count'), "'次联系均未回应，此前'", contacted, "'次中回应'",
                answered, "'次'"
            ),
            'en': joined(
                "'answered none of the last '", counted_en('signals.recent_contact_count', 'contact'), "', '",
                answered, "' of '", contacted, "' before'"
            ),
        },
        'returned_goods': {
            'when': 'signals.return_count_90 > 0',
            'zh': joined("'近90天退货'", returned, "'次'"),
            'en': joined(
                "case when signals.return_count_90 = 1 then 'returned goods once' else "
                ~ joined("'returned goods '", returned, "' times'") ~ " end", "' in the last 90 days'"
            ),
        },
    }) -}}
{% endmacro %}


{% macro next_churn_reason(after=none) -%}
    {#- Place in churn_reasons() of the first that holds, behind the place `after` where one is given; NULL for none. -#}
    case
        {%- for reason in churn_reasons().values() %}
        when {{ 'signals.' ~ after ~ ' < ' ~ loop.index ~ ' and ' if after }}{{ reason['when'] }} then {{ loop.index }}
        {%- endfor %}
    end
{%- endmacro %}


{% macro churn_reason_text(place, language) -%}
    {#- The words of the reason at a place, zh or en. -#}
    case signals.{{ place }}
        {%- for reason in churn_reasons().values() %}
        when {{ loop.index }} then {{ reason[language] }}
        {%- endfor %}
    end
{%- endmacro %}


{% macro in_text(number) -%}
    cast({{ number }} as varchar)
{%- endmacro %}


{% macro joined() -%}
    {#- Texts one after the other; NULL where one is. -#}
    ({{ varargs | join(' || ') }})
{%- endmacro %}


{% macro counted_en(number, noun) -%}
    {#- A number with its noun, singular or plural. -#}
    {{ joined(in_text(number), "case when " ~ number ~ " = 1 then ' " ~ noun ~ "' else ' " ~ noun ~ "s' end") }}
{%- endmacro %}


{% macro days_ago_en(days) -%}
    case when {{ days }} = 0 then 'today' else {{ joined(counted_en(days, 'day'), "' ago'") }} end
{%- endmacro %}


{% macro days_ago_zh(days) -%}
    case when {{ days }} = 0 then '今天' else {{ joined(in_text(days), "'天前'") }} end
{%- endmacro %}
