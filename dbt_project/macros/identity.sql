{#- Expressions that make identifiers comparable. Each gives NULL for what cannot identify anybody. -#}

{% macro fold_width(value) -%}
    {#-
        Every full-width letter, digit and sign to its ASCII form; tabs, no-break and ideographic spaces to a space.
        Marks without width, which come with numbers copied from a phone's contacts, have no counterpart and go.
        Most values hold none of these, and looking for one is far cheaper than translating a hundred.
    -#}
    {%- set chars = namespace(wide='', narrow='') -%}
    {%- for code in range(33, 127) if code not in (39, 92) -%}
        {%- set chars.wide = chars.wide ~ '%c' % (code + 65248) -%}
        {%- set chars.narrow = chars.narrow ~ '%c' % code -%}
    {%- endfor -%}
    {%- set blanks = '%c%c%c' % (9, 160, 12288) -%}
    {%- set marks = '%c%c%c%c%c%c' % (8203, 8206, 8234, 8236, 8237, 65279) -%}
    {%- set looked_for = '[' ~ chars.wide[0] ~ '-' ~ chars.wide[-1] ~ blanks ~ marks ~ ']' -%}
    case
        when {{ regexp_matches(value, looked_for) }}
            then translate({{ value }}, '{{ chars.wide ~ blanks ~ marks }}', '{{ chars.narrow }}   ')
        else {{ value }}
    end
{%- endmacro %}

{% macro name_key(name) -%}
    {#- A name without case, width, blanks and punctuation. -#}
    nullif({{ without_signs('lower(' ~ fold_width(name) ~ ')') }}, '')
{%- endmacro %}

{% macro mobile_key(phone) -%}
    {#- Eleven digits of a Chinese mobile number, whatever the writing; scientific notation and landlines give NULL. -#}
    {%- set national = national_number(phone_text(phone)) -%}
    case when {{ phone_type(national) }} = 'mobile' then {{ national }} end
{%- endmacro %}

{% macro email_key(email) -%}
    {%- set folded = 'lower(' ~ strip_blanks(fold_width(email)) ~ ')' -%}
    case
        when {{ regexp_matches(folded, '^[a-z0-9._%+-]+@[a-z0-9-]+([.][a-z0-9-]+)*[.][a-z]{2,}$') }} then {{ folded }}
    end
{%- endmacro %}

{% macro openid_key(openid) -%}
    {#-
        An id that a system made: one word of letters and digits, as case has it; WeChat's has 28 characters. Of letters
        or digits alone it must be long, since a short one is a word or a number for nothing (undefined, 123456, 未绑定).
    -#}
    {%- set is_plain = regexp_matches(openid, '^[A-Za-z0-9_-]+$') -%}
    {%- set folded = 'case when ' ~ is_plain ~ ' then ' ~ openid ~ ' else ' ~ strip_blanks(fold_width(openid)) ~ ' end' -%}
    case
        when {{ regexp_matches(folded, '^[A-Za-z0-9_-]*[A-Za-z0-9][A-Za-z0-9_-]*$') }}
            and (
                {{ regexp_matches(folded, '[A-Za-z]') }} and {{ regexp_matches(folded, '[0-9]') }}
                or length({{ folded }}) >= 16 and replace({{ folded }}, left({{ folded }}, 1), '') <> ''
            )
            then {{ folded }}
    end
{%- endmacro %}

{% macro unnumbered(value) -%}
    {#- A word without the number behind it (test001, test_1), which placeholders often have; a number alone stays. -#}
    coalesce({{ regexp_extract(value, '^(.*[a-z])[0-9._-]+$') }}, {{ value }})
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

{% macro sex_key(gender, title_sex) -%}
    {#- female or male, as the column or the title says: NULL where they contradict, or for a code of a system's own. -#}
    {%- set folded -%}
        case when {{ gender }} in ('女', '男') then {{ gender }} else lower({{ strip_blanks(fold_width(gender)) }}) end
    {%- endset -%}
    {%- set said -%}
        case
            when {{ folded }} in ('女', '女性', '女士', 'female', 'f', 'woman') then 'female'
            when {{ folded }} in ('男', '男性', '先生', 'male', 'm', 'man') then 'male'
        end
    {%- endset -%}
    case when {{ said }} <> {{ title_sex }} then null else coalesce({{ said }}, {{ title_sex }}) end
{%- endmacro %}

{% macro numbered_core(value) -%}
    {#- A chain's name before the number of its outlet: 美宜佳003号, 罗森第一. Without 第 it must be in digits: 统一 is a name. -#}
    {{ regexp_extract(value, '^(.+?[^0-9第])(?:第[一二三四五六七八九十]+|(?:第|no)?[0-9]+号?)$') }}
{%- endmacro %}

{% macro outlet_key(token) -%}
    {#- An outlet with its number in digits, however written: 第二, 二, 02号 and 2 are one; 人民路二 is 人民路2. -#}
    {%- set pattern = '^(.*?)(?:第|no)?0*([1-9][0-9]*|[一二三四五六七八九十]+)号?$' -%}
    {%- set number = regexp_extract(token, pattern, 2) -%}
    {%- set ten -%}
        coalesce({{ regexp_extract(number, '^(.)十') }}, '1') || coalesce({{ regexp_extract(number, '十(.)$') }}, '0')
    {%- endset -%}
    coalesce(
        coalesce({{ regexp_extract(token, pattern) }}, '') || translate(
            case when instr({{ number }}, '十') > 0 then {{ ten }} else {{ number }} end, '一二三四五六七八九', '123456789'
        ),
        {{ token }}
    )
{%- endmacro %}

{% macro id_number(minted_id) -%}
    {#- The number in a minted id such as C1204, for ordering: C2 is older than C10. -#}
    cast(substr({{ minted_id }}, 2) as bigint)
{%- endmacro %}

{% macro first_known_on() -%}
    {#- The day on which a customer record was created, or was first heard of. -#}
    coalesce(cast(created_at as date), cast(modified_at as date), _load_date)
{%- endmacro %}

{% macro plausible_birth_date(birth_date, known_on) -%}
    {#- A date of birth that a living person known on a day may have, else NULL. -#}
    case
        when {{ known_on }} is null then {{ birth_date }}
        when {{ birth_date }} between {{ add_months(known_on, -1440) }} and {{ known_on }} then {{ birth_date }}
    end
{%- endmacro %}

{% macro kept_columns() -%}
    {#- Columns of a staged customer that id_record keeps as they are. -#}
    {{ return([
        'name', 'phone', 'email', 'wechat_openid', 'uscc', 'gender', 'birth_date', 'occupation', 'province', 'city',
        'district', 'address', 'channel', 'level', 'owner_id', 'tags', 'status', 'created_at', 'modified_at',
        'consent_marketing'
    ]) }}
{%- endmacro %}

{% macro staged_hash() -%}
    {#-
        Stands for everything that id_record takes from a staged customer. The day on which it was loaded decides no
        more than whether a date of birth is plausible; it is another one each day where a source sends everything.
    -#}
    {%- set birth_key -%} {{ plausible_birth_date('birth_date', first_known_on()) }} {%- endset -%}
    {{ row_hash(['kind', 'merged_into_id', 'is_deleted', birth_key] + kept_columns()) }}
{%- endmacro %}

{% macro changed_customers() -%}
    {#- The staged customers that the models over single records must read: all, or those of id_record_change. -#}
    (
        select *
        from {{ union_sources('customers') }} as customers
        where {{ only_changed("source || ':' || customer_id", 'record_key', 'id_record_change') }}
    )
{%- endmacro %}
