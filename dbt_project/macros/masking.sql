{% macro mask_phone(phone) -%}
    {#- 138****5678: enough to recognise one's own number, too little to call it. -#}
    substr({{ phone }}, 1, 3) || '****' || substr({{ phone }}, 8, 4)
{%- endmacro %}

{% macro mask_name(name) -%}
    {#- The first character and two stars, whatever the length: the length is a hint, too. -#}
    substr(trim({{ name }}), 1, 1) || '**'
{%- endmacro %}

{% macro filled_share(relation) -%}
    {#- Share of the attributes worth having that are filled, 0–1. -#}
    {%- set attributes = ['name', 'phone', 'email', 'gender', 'birth_date', 'province', 'city', 'address', 'channel',
                          'owner_id'] -%}
    (
        {%- for attribute in attributes %}
        case when {{ relation }}.{{ attribute }} is not null then 1 else 0 end{{ ' +' if not loop.last }}
        {%- endfor %}
    ) * cast(1 as decimal(9, 6)) / {{ attributes | length }}
{%- endmacro %}
