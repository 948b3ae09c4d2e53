{#- What makes two records candidates for one customer, and which of these rules decide alone. -#}

{% macro match_rules() -%}
    {#-
        Each rule compares records of a party that agree in all its columns. An exact rule says "the same" with a fixed
        weight (log2 of the odds, like a model's); the others only find pairs for the model to weigh. Two 王先生 of one
        number may be father and son: where a name decides, it must be a full one. The hotline of a chain is that of all
        its outlets, and those of two cities may bear one name.
    -#}
    {{ return([
        {'name': 'openid', 'party': 'person', 'columns': ['openid_key'], 'weight': 30},
        {'name': 'mobile_name', 'party': 'person', 'columns': ['mobile_key', 'name_key'], 'weight': 25, 'is_full': true},
        {'name': 'email', 'party': 'person', 'columns': ['email_key'], 'weight': 20},
        {'name': 'mobile', 'party': 'person', 'columns': ['mobile_key']},
        {'name': 'surname_flat', 'party': 'person', 'columns': ['surname_pinyin', 'address_place', 'address_unit']},
        {'name': 'surname_phone_head', 'party': 'person', 'columns': ['surname_pinyin', 'left(mobile_key, 8)']},
        {'name': 'surname_phone_tail', 'party': 'person', 'columns': ['surname_pinyin', 'right(mobile_key, 8)']},
        {'name': 'name_phone_tail', 'party': 'person', 'columns': ['name_pinyin', 'right(mobile_key, 4)']},
        {'name': 'name_birth', 'party': 'person', 'columns': ['name_pinyin', 'birth_key']},
        {'name': 'name_address', 'party': 'person', 'columns': ['name_pinyin', 'address_place']},
        {'name': 'uscc', 'party': 'organisation', 'columns': ['uscc_key'], 'weight': 30},
        {'name': 'mobile_name', 'party': 'organisation', 'columns': ['phone_key', 'name_key'], 'weight': 25,
         'unless': is_service_number('phone_key')},
        {'name': 'email', 'party': 'organisation', 'columns': ['email_key'], 'weight': 20},
        {'name': 'phone', 'party': 'organisation', 'columns': ['phone_key']},
        {'name': 'name_city', 'party': 'organisation', 'columns': ['name_pinyin', 'city_code']},
        {'name': 'address', 'party': 'organisation', 'columns': ['county_code', 'address_detail']},
        {'name': 'core_county', 'party': 'organisation', 'columns': ['company_core', 'county_code']}
    ]) }}
{%- endmacro %}

{% macro match_keys(features, condition='true') -%}
    {#- A relation: one row per record and rule of whose columns it has all. Of the features that meet a condition. -#}
    (
        with records as (
            select *
            from {{ features }}
            where {{ condition }}
        )
        {% for rule in match_rules() %}
        select
            record_key,
            {{ loop.index }} as rule_number,
            {{ row_hash([loop.index] + rule.columns) }} as key_hash
        from records
        where
            party = '{{ rule.party }}'
            {%- for column in rule.columns %}
            and {{ column }} is not null
            {%- endfor %}
            {%- if rule.is_full %}
            and not is_name_partial
            {%- endif %}
            {%- if rule.unless %}
            and not {{ rule.unless }}
            {%- endif %}
        {{- '\n\n        union all\n' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro exact_rules() -%}
    {#- Names of the rules that decide alone, with their weight. -#}
    {%- set found = {} -%}
    {%- for rule in match_rules() if rule.weight is defined %}{% do found.update({rule.name: rule.weight}) %}{% endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro merge_rules() -%}
    {#- Everything that can put two records together, as id_edge names it. -#}
    {{ return(['uscc', 'openid', 'email', 'mobile_name', 'model', 'pointer', 'steward']) }}
{%- endmacro %}

{% macro label_estimates() -%}
    {#- What a labelled sample says of merging, as fct_label_estimate names it. -#}
    {{ return([
        'label_count', 'precision_estimate', 'precision_low', 'precision_high', 'recall_estimate', 'recall_low',
        'recall_high'
    ]) }}
{%- endmacro %}

{% macro shared_identifiers() -%}
    {#- Identifiers that belong to one customer each; held under many names, one identifies nobody. -#}
    {{ return(['mobile_key', 'phone_key', 'email_key', 'openid_key', 'uscc_key']) }}
{%- endmacro %}

{% macro is_organisation(record) -%}
    {#- Whether a record is compared as a company: whoever bears a company's name is, though its kind be unknown. -#}
    ({{ record }}.party = 'organisation' or {{ record }}.company_core is not null)
{%- endmacro %}

{% macro match_features() -%}
    {#- What the models compare, besides the identifiers. -#}
    {{ return([
        'name_key', 'name_pinyin', 'surname_pinyin', 'is_name_partial', 'company_core', 'store_token', 'birth_key',
        'city_code', 'county_code', 'address_detail', 'address_place', 'address_unit'
    ]) }}
{%- endmacro %}

{% macro compared(feature, record) -%}
    {#- A feature of a record as models compare it: an address that is no house, no door, says no more than its city. -#}
    {%- if feature in ['address_detail', 'address_place'] -%}
    case when {{ is_one_house(record) }} then {{ record }}.{{ feature }} end as {{ feature }}
    {%- elif feature == 'address_unit' -%}
    case when {{ is_door(record ~ '.address_unit') }} then {{ record }}.address_unit end as address_unit
    {%- else -%}
    {{ record }}.{{ feature }}
    {%- endif -%}
{%- endmacro %}

{% macro is_vetoed(left_record, right_record) -%}
    {#- Whether two records cannot be one customer: the vetoes of customer_models/identity, said once more in SQL. -#}
    {%- set l, r = left_record, right_record -%}
    coalesce(
        {{ l }}.party <> {{ r }}.party and {{ l }}.party <> 'unknown' and {{ r }}.party <> 'unknown'
        or {{ l }}.uscc_key <> {{ r }}.uscc_key
        or {{ l }}.birth_key <> {{ r }}.birth_key and {{ l }}.given_key <> {{ r }}.given_key
        and not coalesce(
            ({{ is_latin(l ~ '.given_key') }} or {{ is_latin(r ~ '.given_key') }})
            and {{ l }}.given_pinyin = {{ r }}.given_pinyin,
            false
        )
        or case
            when 'organisation' in ({{ l }}.party, {{ r }}.party) then
                {{ l }}.store_token <> {{ r }}.store_token
                or coalesce({{ l }}.uscc_key <> {{ r }}.uscc_key, true)
                and coalesce({{ l }}.openid_key <> {{ r }}.openid_key, true)
                and {{ company_pinyin(l) }} <> {{ company_pinyin(r) }}
            when {{ l }}.openid_key = {{ r }}.openid_key then false
            when {{ l }}.sex_key <> {{ r }}.sex_key and coalesce({{ l }}.given_key <> {{ r }}.given_key, true) then true
            when not {{ l }}.is_name_partial and not {{ r }}.is_name_partial
                then
                    coalesce({{ l }}.name_pinyin <> {{ r }}.name_pinyin, false)
                    or {{ l }}.surname_key <> {{ r }}.surname_key and {{ l }}.given_key <> {{ r }}.given_key
                    and not {{ is_latin(l ~ '.surname_key') }} and not {{ is_latin(r ~ '.surname_key') }}
            else
                {{ l }}.surname_pinyin <> {{ r }}.surname_pinyin
                and not {{ may_be_called(l, r ~ '.surname_pinyin') }}
                and not {{ may_be_called(r, l ~ '.surname_pinyin') }}
        end,
        false
    )
{%- endmacro %}

{% macro company_pinyin(record) -%}
    {#- Pinyin of a company without its store, which is the last word of name_pinyin. -#}
    case
        when {{ record }}.store_token is null then {{ record }}.name_pinyin
        else nullif({{ regexp_replace_all(record ~ '.name_pinyin', '(^| )[^ ]*$', '') }}, '')
    end
{%- endmacro %}

{% macro is_latin(value) -%}
    not {{ regexp_matches(value, '[^ -~]') }}
{%- endmacro %}

{% macro may_be_called(record, surname) -%}
    {#- Whether a full Latin name holds the surname: "Wei Zhang" does not say which of its words is the surname. -#}
    coalesce(
        {{ is_latin(record ~ '.surname_key') }}
        and instr(' ' || {{ record }}.name_pinyin || ' ', ' ' || {{ surname }} || ' ') > 0,
        false
    )
{%- endmacro %}
