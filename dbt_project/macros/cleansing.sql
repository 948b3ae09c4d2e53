{#- What the figures of cleansing share: which columns are judged and how, and what is resampled. -#}

{% macro is_filled(value) -%}
    {#- Whether a source wrote anything at all: not NULL, not blank. -#}
    coalesce(trim(cast({{ value }} as varchar)) <> '', false)
{%- endmacro %}


{% macro validity_columns() %}
    {#-
        Column → when it is filled and when it conforms, over id_record as `records`. Any telephone conforms, also a
        landline; a region conforms when province and city are places that exist.
    -#}
    {%- set places = [] -%}
    {%- for name in ['province', 'city', 'district', 'address'] -%}
        {%- do places.append(is_filled('records.' ~ name)) -%}
    {%- endfor -%}
    {{- return({
        'name': {'filled': is_filled('records.name'), 'conforming': 'records.name_key is not null'},
        'phone': {'filled': is_filled('records.phone'), 'conforming': "records.phone_quality = 'valid'"},
        'email': {'filled': is_filled('records.email'), 'conforming': 'records.email_key is not null'},
        'uscc': {'filled': is_filled('records.uscc'), 'conforming': 'records.uscc_key is not null'},
        'birth_date': {'filled': is_filled('records.birth_date'), 'conforming': 'records.birth_key is not null'},
        'region': {
            'filled': places | join(' or '),
            'conforming': 'records.province_code is not null and records.city_code is not null',
        },
    }) -}}
{% endmacro %}


{% macro verified_columns() %}
    {#- Attribute that somebody may have verified → column of validity that it speaks for. -#}
    {{- return({
        'name': 'name', 'phone': 'phone', 'email': 'email', 'uscc': 'uscc', 'birth_date': 'birth_date',
        'province': 'region', 'city': 'region',
    }) -}}
{% endmacro %}


{% macro newest_verified() -%}
    {#-
        A relation, customer × attribute: the newest value that somebody verified, as written, and as id_attribute has
        values. What was verified of one record holds for its customer.
    -#}
    (
        select
            customer_id,
            attribute,
            verified_value,
            case attribute
                when 'phone' then coalesce({{ mobile_key('verified_value') }}, verified_value)
                else verified_value
            end as value
        from (
            select
                crosswalk.customer_id,
                samples.attribute,
                samples.verified_value,
                row_number() over (
                    partition by crosswalk.customer_id, samples.attribute
                    order by samples.verified_at desc nulls last, crosswalk.record_key asc nulls last
                ) as age
            from {{ union_sources('verified_samples') }} as samples
            inner join {{ ref('id_crosswalk') }} as crosswalk
                on samples.source || ':' || samples.customer_id = crosswalk.record_key
            where not samples.is_deleted and samples.verified_value is not null
        ) as aged
        where age = 1
    )
{%- endmacro %}


{% macro says_the_same(attribute, value, verified) -%}
    {#- Whether two raw values of an attribute mean the same: width, case, blanks and +86 do not count. -#}
    {%- if attribute == 'phone' -%}
    {{ same_writing(value, verified) }} or coalesce({{ mobile_key(value) }} = {{ mobile_key(verified) }}, false)
    {%- elif attribute == 'name' -%}
    {{ same_writing(value, verified) }} or coalesce(records.name_key = {{ name_key(verified) }}, false)
    {%- elif attribute == 'birth_date' -%}
    coalesce(cast({{ value }} as date) = {{ try_cast("replace(" ~ verified ~ ", '/', '-')", 'date') }}, false)
    {%- else -%}
    {{ same_writing(value, verified) }}
    {%- endif -%}
{%- endmacro %}


{% macro same_writing(left, right) -%}
    {%- set texts = [] -%}
    {%- for value in [left, right] -%}
        {%- do texts.append('lower(' ~ regexp_replace_all(fold_width(value), ' ', '') ~ ')') -%}
    {%- endfor -%}
    {{ texts | join(' = ') }}
{%- endmacro %}


{% macro comparable_attributes() %}
    {#- Attributes in which two sources could agree: when a record was made and who owns it are each source's own. -#}
    {{- return(surviving_attributes() | reject('in', ['created_at', 'owner_id']) | list) -}}
{% endmacro %}


{% macro audited_columns() %}
    {#- Column of a customer → how an example of it is shown: a phone's ends, a region in the open, else one letter. -#}
    {%- set columns = {'phone': 'phone', 'province': 'open', 'city': 'open'} -%}
    {%- for name in ['name', 'email', 'wechat_openid', 'uscc', 'gender', 'birth_date', 'occupation', 'district',
                     'address', 'channel', 'level', 'tags', 'status'] -%}
        {%- do columns.update({name: 'letter'}) -%}
    {%- endfor -%}
    {{- return(columns) -}}
{% endmacro %}


{% macro masked_example(value, shown) -%}
    {#- A usable value as the audit may show it. A region that holds digits or an @ is no region and hidden like a name. -#}
    case
        when {{ shown }} = 'phone' then {{ mask_phone(value) }}
        when {{ shown }} = 'open' and not {{ regexp_matches(value, '[0-9０-９@＠]') }} then trim({{ value }})
        else {{ mask_name(value) }}
    end
{%- endmacro %}


{% macro written_shape(value, shown) -%}
    {#-
        A value as a source wrote it and nobody may read it. Of a phone only the shape, ＊ for a full-width digit: the
        ends of +8613812345678 beside those of 13812345678 would tell ten digits of eleven.
    -#}
    {%- set digits = regexp_replace_all(regexp_replace_all(value, '[0-9]', '*'), '[０-９]', '＊') -%}
    case
        when {{ shown }} = 'phone' then {{ regexp_replace_all(digits, '[^*＊+()./ E-]', '?') }}
        else {{ masked_example(value, shown) }}
    end
{%- endmacro %}


{% macro cleansing_measures() %}
    {#- Step of fct_cleansing_sum → what one of its rows adds to each sum; the sums that it does not name get nothing. -#}
    {{- return({
        'buyers': {
            'buyer_count': '1',
            'active_count': 'case when day_count > 0 then 1 else 0 end',
            'served_count': 'case when day_count > 0 and case_count > 0 then 1 else 0 end',
            'earlier_active_count': 'was_active',
            'lapsed_count': 'case when day_count = 0 then was_active else 0 end',
            'purchase_day_count': 'day_count',
            'gap_days': 'coalesce(' ~ date_diff_days('first_on', 'last_on') ~ ', 0)',
            'gap_count': 'greatest(day_count - 1, 0)',
            'order_count': 'order_count',
            'net_amount': 'net_amount',
            'repeat_net_amount': 'case when day_count > 1 then net_amount else 0 end',
        },
        'assortments': {
            'categorised_count': '1',
            'cross_buyer_count': 'case when category_count > 1 then 1 else 0 end',
        },
        'complainers': {'complainer_count': '1'},
        'answers': {
            'nps_balance': "case when kind <> 'nps' then 0 when score >= 9 then 1 when score <= 6 then -1 else 0 end",
            'nps_count': "case when kind = 'nps' then 1 else 0 end",
            'csat_top_count': "case when kind = 'csat' and score >= 4 then 1 else 0 end",
            'csat_count': "case when kind = 'csat' then 1 else 0 end",
        },
        'leads': {'followed_up_count': '1', 'converted_count': 'is_converted'},
    }) -}}
{% endmacro %}


{% macro cleansing_sums() %}
    {#- What fct_cleansing_sum adds up per group of customers; every metric is made of these. -#}
    {%- set names = [] -%}
    {%- for measures in cleansing_measures().values() -%}
        {%- do names.extend(measures) -%}
    {%- endfor -%}
    {{- return(names) -}}
{% endmacro %}


{% macro cleansing_metrics() %}
    {#- Metric → numerator and denominator, over the sums above. Lifetime: 1 / churn of the year, capped. -#}
    {%- set years -%}
        case
            when lapsed_count * {{ var('lifetime_cap_years') }} > earlier_active_count
                then cast(earlier_active_count as double) / lapsed_count
            when earlier_active_count > 0 then {{ var('lifetime_cap_years') }}
        end
    {%- endset -%}
    {%- set average_order = 'cast(net_amount as double) / nullif(order_count, 0)' -%}
    {{- return({
        'active_ratio': ['active_count', 'buyer_count'],
        'purchase_frequency': ['purchase_day_count', 'active_count'],
        'mean_gap_days': ['gap_days', 'gap_count'],
        'average_order_amount': ['net_amount', 'order_count'],
        'lifetime_value': [average_order ~ ' * purchase_day_count * (' ~ years ~ ')', 'active_count'],
        'churn_rate': ['lapsed_count', 'earlier_active_count'],
        'cross_sell_rate': ['cross_buyer_count', 'categorised_count'],
        'nps': ['nps_balance', 'nps_count'],
        'csat_rate': ['csat_top_count', 'csat_count'],
        'complaint_rate': ['complainer_count', 'served_count'],
        'conversion_rate': ['converted_count', 'followed_up_count'],
        'repeat_sales_rate': ['repeat_net_amount', 'net_amount'],
    }) -}}
{% endmacro %}


{% macro bootstrap_group(record_key) -%}
    {#- One of 4,096 groups, the same for ever: customers are resampled by group, so that a million cost no more. -#}
    substr({{ md5_text(record_key) }}, 1, 3)
{%- endmacro %}


{% macro poisson_weight(value) -%}
    {#-
        How often something is drawn in one bootstrap replicate: a Poisson number of mean 1 made from a text's md5. The
        first eight hexadecimal digits are a uniform number, compared as text with the distribution function's values.
    -#}
    {%- set limits = namespace(total=0.0, term=0.36787944117144233) -%}
    {%- set digits = 'substr(' ~ md5_text(value) ~ ', 1, 8)' -%}
    case
        {%- for weight in range(8) %}
        {%- set limits.total = limits.total + limits.term %}
        {%- set limits.term = limits.term / (weight + 1) %}
        when {{ digits }} < '{{ '%08x' % (limits.total * 4294967296) | int }}' then {{ weight }}
        {%- endfor %}
        else 8
    end
{%- endmacro %}
