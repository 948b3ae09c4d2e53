{#-
    Phone numbers of China: mobile 1[3-9]…, landline with its area code (010 and 02x have eight digits behind it, others
    seven or eight), 400 and 800. Numbers of other countries only where they are written with +.
-#}

{% macro phone_text(phone) -%}
    {#- A number folded: half width, lower case, no blanks at its ends; NULL for none. Most are plain and pass by. -#}
    case
        when {{ is_plain_mobile(phone) }} then {{ phone }}
        else nullif(lower({{ strip_blanks(fold_width(phone)) }}), '')
    end
{%- endmacro %}

{% macro is_plain_mobile(value) -%}
    {{ regexp_matches(value, '^1[3-9][0-9]{9}$') }}
{%- endmacro %}

{% macro phone_digits(value) -%}
    {#- A folded number without the signs between its digits; the plus stays. -#}
    {{ regexp_replace_all(value, '[ ()./-]', '') }}
{%- endmacro %}

{% macro national_number(value) -%}
    {#-
        The digits of a Chinese number as dialled inside the country (13812345678, 02158881234, 4001234567), NULL for
        anything else. What has an extension (转 801, ext 3, -801) must be a landline. One or two digits behind a hyphen
        are one: 0512-6688775-8 is not the longer number 0512-66887758.
    -#}
    {%- set prefix = '^(?:(?:[+]|00)?860?|0)' -%}
    {%- set landline = '((?:10|2[0-9])[2-8][0-9]{7}|[3-9][0-9]{2}[2-8][0-9]{6,7})$' -%}
    {%- set short_extension = '^(.*[0-9]) *-[0-9]{1,2}$' -%}
    {%- set extension = '^(.*[0-9]) *[(]?(?:ext[.:]?|extension|x|转|分机|#|-)[ :]*[0-9]{1,6}[)]?$' -%}
    case
        when {{ is_plain_mobile(value) }} then {{ value }}
        else coalesce(
            {{ regexp_extract(phone_digits(value), '^(?:(?:[+]|00)?86)?0?(1[3-9][0-9]{9}|[48]00[0-9]{7})$') }},
            '0' || {{ regexp_extract(phone_digits(regexp_extract(value, short_extension)), prefix ~ landline) }},
            '0' || {{ regexp_extract(phone_digits(value), prefix ~ landline) }},
            '0' || {{ regexp_extract(phone_digits(regexp_extract(value, extension)), prefix ~ landline) }}
        )
    end
{%- endmacro %}

{% macro phone_type(national) -%}
    case left({{ national }}, 1)
        when '1' then 'mobile'
        when '0' then 'landline'
        when '4' then 'service'
        when '8' then 'service'
    end
{%- endmacro %}

{% macro e164(national) -%}
    {#- A Chinese number with the code of its country and without the zero that is dialled inside. -#}
    '+86' || case when left({{ national }}, 1) = '0' then substr({{ national }}, 2) else {{ national }} end
{%- endmacro %}

{% macro is_service_number(key) -%}
    {#- Whether a number as e164 writes it is a 400 or 800 number: anybody's who calls a company. -#}
    left({{ key }}, 6) in ('+86400', '+86800')
{%- endmacro %}

{% macro foreign_number(value) -%}
    {#- A number of another country with its plus and a plausible length (E.164: at most fifteen digits), else NULL. -#}
    case
        when left({{ value }}, 1) = '+' and left({{ value }}, 3) <> '+86'
            then {{ regexp_extract(phone_digits(value), '^([+][1-9][0-9]{7,14})$') }}
    end
{%- endmacro %}

{% macro is_scientific(value) -%}
    {#- Whether a spreadsheet has shown a number as 1.38E+10: its last digits are lost. -#}
    {{ regexp_matches(value, '^[0-9]([.][0-9]*)?e[+]?[0-9]{1,2}$') }}
{%- endmacro %}
