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
