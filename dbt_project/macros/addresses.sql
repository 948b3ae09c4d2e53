{#-
    Addresses taken apart. A division is known by its scope, the digits of its code that mean something: 32 江苏省,
    3201 南京市, 320102 玄武区; what lies in it begins with the same digits. One way of writing it is an option: the
    name, the scope, whether the name is the full one, and how long a scope must be known for the name to be clear.
-#}

{% macro division_at_start(options, text, found, known) -%}
    {#-
        The option with which a text starts, the longest first; NULL for none. It must lie in what was found before it,
        or say that once more, and must not contradict what is known from other columns. A short name is none where it
        begins another name (南京路, 中山公园).
    -#}
    {%- set rest -%} substr({{ text }}, length(option.name) + 1) {%- endset -%}
    {%- set fits -%}
        option.clear_from <= greatest(length({{ found }}), length({{ known }}))
        and {{ are_nested('option.scope', known) }}
        and ({{ starts_with('option.scope', found) }} or option.is_full and {{ starts_with(found, 'option.scope') }})
        and not case
            when option.is_full then {{ starts_with(rest, "'场'") }}
            else {{ regexp_matches(rest, other_name_follows()) }}
        end
    {%- endset -%}
    {{ first_match(matching(options, 'option', starts_with(text, 'option.name')), 'option', fits) }}
{%- endmacro %}

{% macro are_nested(scope, other) -%}
    {#- Whether one of two divisions lies in the other. -#}
    ({{ starts_with(scope, other) }} or {{ starts_with(other, scope) }})
{%- endmacro %}

{% macro deeper(scope, other) -%}
    {#- The smaller of two nested divisions. -#}
    case when length({{ scope }}) > length({{ other }}) then {{ scope }} else {{ other }} end
{%- endmacro %}

{% macro other_name_follows() -%}
    {#- The pattern of what follows a short name that is the beginning of a street's or a building's name. -#}
    {%- set streets = '路|街|巷|弄|道|里|大道|大街' -%}
    {%- set kinds = '省|市|区|县|州|村|镇|乡|新村' -%}
    {%- set estates = '花园|花苑|家园|小区|公寓|公园|广场|大厦|大桥|国际|商务' -%}
    {%- set houses = '大学|学院|中学|小学|医院|酒店|宾馆|饭店|超市|商场' -%}
    {{- '^([东南西北中一二三四五1-5]{1,2}(' ~ streets ~ ')|' ~ [streets, kinds, estates, houses] | join('|') ~ ')' -}}
{%- endmacro %}

{% macro address_text(value, simplified) -%}
    {#- An address folded for comparison: width, case, script; no blanks and stops; '' for none. -#}
    {%- set folded = in_characters('lower(' ~ fold_width(value) ~ ')', simplified) -%}
    coalesce({{ regexp_replace_all(folded, '[ ,.;:，。、；：()【】"]|市辖区', '') }}, '')
{%- endmacro %}

{% macro with_digits(value) -%}
    {#- Chinese digits and dashes as ASCII ones: 三号楼二〇一 and 3号楼201 are one. -#}
    case
        when {{ regexp_matches(value, '[〇零一二三四五六七八九—－~]') }}
            then translate({{ value }}, '〇零一二三四五六七八九—－~', '00123456789---')
        else {{ value }}
    end
{%- endmacro %}

{% macro names_a_place(value) -%}
    {#-
        Whether a part of an address names a place. 院 of 12号院, 附1号, 3组, 家属楼 or 对面 name none: strangers all over
        a county share them.
    -#}
    {%- set kinds = '(号|弄|支|附|院|组|队|社|栋|幢|座|单元|室|层|门|楼|区|期|小组|铺|房|户)' -%}
    {%- set numbered = '[a-z]?[0-9]+[a-z]?' ~ kinds ~ '*|[a-z][区座栋门楼]' -%}
    {%- set houses = '(家属|职工|宿舍|生活|住宅|居民|单位|机关|公寓|小|社|大|内|前|后)[区院楼]|家属|宿舍|住宅|平房|自建房' -%}
    {%- set shops = '门面房?|门市房?|商铺|底商|铺面' -%}
    {%- set beside = '院[内里]|[东南西北左右][侧边面]|旁边?|对面|附近|隔壁|门口|楼[上下]|[前后]面|附' -%}
    {%- set parts = '[东南西北中新老]区|^[东南西北前后正侧]门$' -%}
    {%- set patterns = [numbered, houses, shops, beside, parts, '^' ~ kinds ~ '+', '[^' ~ any_letter() ~ ']'] -%}
    {%- set nameless = '^(.?|公寓|大厦|大楼|写字楼|广场|花园|商场|市场|学校|医院|超市|工业园|厂房|仓库|村委会|村民小组)$' -%}
    (
        {{ regexp_matches(value, '([0-9]|[^0-9]{2})(大?街|路|大道)') }}
        or not {{ regexp_matches(regexp_replace_all(value, patterns | join('|'), ''), nameless) }}
    )
{%- endmacro %}

{% macro place_behind_number(value) -%}
    {#- The estate behind the last house number of a street, as it says more than the number; else street and number. -#}
    {%- set estate = regexp_extract(value, '^.*[0-9][号弄](.+)$') -%}
    coalesce(case when {{ names_a_place(estate) }} then {{ estate }} end, {{ value }})
{%- endmacro %}

{% macro unit_text(value) -%}
    {#- The end of an address that says which building, staircase and room, as written; NULL for none. -#}
    {%- set number = '([0-9]{1,5}[a-z]?|[a-z][0-9]{0,4})' -%}
    {%- set word = '(号楼|栋|幢|座|单元|门|楼|层|室|房|户|#|-)' -%}
    {{ regexp_extract(value, '(' ~ number ~ word ~ '+)+' ~ number ~ '?$', 0) }}
{%- endmacro %}

{% macro place_columns() -%}
    {#- The columns that name a place, '' where one is missing, so that they can be compared. -#}
    coalesce(province, '') as province, coalesce(city, '') as city, coalesce(district, '') as district
{%- endmacro %}

{% macro is_same_place(place, row) -%}
    {#- Whether a row with the columns above is that of any other row. -#}
    {{ place }}.province = coalesce({{ row }}.province, '')
    and {{ place }}.city = coalesce({{ row }}.city, '')
    and {{ place }}.district = coalesce({{ row }}.district, '')
{%- endmacro %}

{% macro is_same_address(address, row) -%}
    {{ address }}.address = coalesce({{ row }}.address, '')
    and {{ is_same_place(address, row) }}
{%- endmacro %}
