{% macro surviving_attributes() -%}
    {#- Attribute → expression over id_record that gives its valid value as text, NULL where it is not usable. -#}
    {{ return({
        'kind': 'kind',
        'name': 'case when name_key is not null then name end',
        'phone': 'mobile_key',
        'email': 'email_key',
        'wechat_openid': 'openid_key',
        'uscc': 'uscc_key',
        'gender': 'gender',
        'birth_date': 'cast(birth_key as varchar)',
        'occupation': 'occupation',
        'province': 'province',
        'city': 'city',
        'district': 'district',
        'address': 'address',
        'channel': 'channel',
        'level': 'level',
        'owner_id': "source || ':' || owner_id",
        'tags': 'tags',
        'status': 'status',
        'created_at': 'cast(created_at as varchar)',
        'consent_marketing': 'cast(consent_marketing as varchar)',
    }) }}
{%- endmacro %}


{% macro fullness(attribute) -%}
    {#-
        How much a record of id_attribute says with its value: what says more survives, whatever the rule. 王先生 gives way
        to 王小明, unknown to a kind, and a place is taken from one record, that of the most parts: else a province without
        more would stand before the city of another.
    -#}
    {%- set places = ['province', 'city', 'district', 'address'] -%}
    {%- if attribute == 'name' -%}
    case when records.is_name_partial then 0 else 1 end
    {%- elif attribute == 'kind' -%}
    case when records.kind = 'unknown' then 0 else 1 end
    {%- elif attribute in places -%}
    {%- for place in places -%}
    case when records.{{ place }} is null then 0 else 1 end{{ ' + ' if not loop.last }}
    {%- endfor -%}
    {%- else -%}
    1
    {%- endif -%}
{%- endmacro %}
