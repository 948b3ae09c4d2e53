{#- Expressions that make identifiers comparable. Each gives NULL for what cannot identify anybody. -#}

{% macro fold_width(value) -%}
    {#- Every full-width letter, digit and sign to its ASCII form, the ideographic space to a space. -#}
    {%- set chars = namespace(wide='', narrow='') -%}
    {%- for code in range(33, 127) if code not in (39, 92) -%}
        {%- set chars.wide = chars.wide ~ '%c' % (code + 65248) -%}
        {%- set chars.narrow = chars.narrow ~ '%c' % code -%}
    {%- endfor -%}
    translate({{ value }}, '{{ chars.wide }}　', '{{ chars.narrow }} ')
{%- endmacro %}

{% macro name_key(name) -%}
    {#- A name without case, width, blanks and punctuation. -#}
    nullif({{ regexp_replace_all('lower(' ~ fold_width(name) ~ ')', '[- _.,;:·•・()【】《》、。/&*#@!?+~|"]', '') }}, '')
{%- endmacro %}

{% macro mobile_key(phone) -%}
    {#- Eleven digits of a Chinese mobile number, whatever the writing; scientific notation and landlines give NULL. -#}
    {%- set digits = regexp_replace_all(regexp_replace_all(fold_width(phone), '[ ()./-]', ''), '^([+]|00)?86', '') -%}
    case when {{ regexp_matches(digits, '^1[3-9][0-9]{9}$') }} then {{ digits }} end
{%- endmacro %}

{% macro email_key(email) -%}
    {%- set folded = 'lower(' ~ strip_blanks(fold_width(email)) ~ ')' -%}
    case
        when {{ regexp_matches(folded, '^[a-z0-9._%+-]+@[a-z0-9-]+([.][a-z0-9-]+)*[.][a-z]{2,}$') }} then {{ folded }}
    end
{%- endmacro %}

{% macro uscc_key(uscc) -%}
    {#- 统一社会信用代码 with a correct check character (GB 32100-2015: weights are powers of 3 modulo 31). -#}
    {%- set folded = 'upper(' ~ strip_blanks(fold_width(uscc)) ~ ')' -%}
    {%- set alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY' -%}
    {%- set weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28] -%}
    case
        when {{ regexp_matches(folded, '^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$') }}
            and substr('{{ alphabet }}', cast(1 + (31 - (
                {%- for weight in weights %}
                {{ weight }} * (instr('{{ alphabet }}', substr({{ folded }}, {{ loop.index }}, 1)) - 1)
                {{- ' +' if not loop.last }}
                {%- endfor %}
            ) % 31) % 31 as integer), 1) = substr({{ folded }}, 18, 1)
            then {{ folded }}
    end
{%- endmacro %}

{% macro id_number(minted_id) -%}
    {#- The number in a minted id such as C1204, for ordering: C2 is older than C10. -#}
    cast(substr({{ minted_id }}, 2) as bigint)
{%- endmacro %}
