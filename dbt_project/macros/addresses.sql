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

{% macro city_code(scope) -%}
    {#- The city of a division, six digits. 北京, 天津, 上海 and 重庆 are provinces and cities, as are 香港 and 澳门. -#}
    case
        when length({{ scope }}) > 2 then left({{ scope }}, 4) || '00'
        when {{ scope }} in ('11', '12', '31', '50') then {{ scope }} || '0100'
        when {{ scope }} in ('81', '82') then {{ scope }} || '0000'
    end
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
    {#-
        An address folded for comparison: width, case, script; no blanks, stops and postcodes; '' for none. Between two
        numbers they become a hyphen: 12 3-501 is not 1 23-501.
    -#}
    {%- set signs = ' ,.;:，。、；：()【】"' -%}
    {%- set apart = numbers_apart(value, signs ~ '（）．' ~ '%c%c%c' % (9, 160, 12288)) -%}
    {%- set folded = in_characters('lower(' ~ fold_width(apart) ~ ')', simplified) -%}
    {%- set postcode = '(邮政编码|邮编)[ :：]*[0-9]{6}' -%}
    coalesce({{ regexp_replace_all(folded, postcode ~ '|[' ~ signs ~ ']|市辖区', '') }}, '')
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
        Whether a part of an address names a place. 院 of 12号院, 附1号, 3组, 家属楼, 安置房, 快递柜 or 对面 name none:
        strangers all over a county share them. Nor does what is hidden: 人民路**号.
    -#}
    {%- set kinds = '(号|弄|支|附|院|组|队|社|栋|幢|座|单元|室|层|门|楼|区|期|小组|铺|房|户)' -%}
    {%- set numbered = '[a-z]?[0-9]+[a-z]?' ~ kinds ~ '*|[a-z][区座栋门楼]' -%}
    {%- set whose = '(家属|职工|员工|教职工|教工|教师|学生|集体|单位|机关|居民|生活|大学|学院|中学|小学|学校|公司|工厂|医院)' -%}
    {%- set homes = whose ~ '*(家属|宿舍|公寓|住宅)[区院楼]?|' ~ whose ~ '[区院楼]|[小社大内前后][区院楼]|平房|自建房|新村' -%}
    {%- set built_for = '(回迁|安置|拆迁|保障|统建|还建|廉租|公租|经济适用|经适|商品)(住?房|楼|点)?' -%}
    {%- set zones = '(经济|技术|高新|产业|工业|科技)*(开发|示范|工业|产业|园)(园区|区|园)|园区' -%}
    {%- set shops = '门面房?|门市房?|商铺|底商|铺面' -%}
    {%- set parcels = '(菜鸟|丰巢|妈妈|快递|代收|自提|到店)+(驿站|柜|点)?|驿站' -%}
    {%- set rooms = '(传达|收发|保安|值班|办公|财务|地下)室|门卫|前台|大堂|车库|(办公|教学|行政|综合|实验|住院|门诊)楼' -%}
    {%- set beside = '院[内里]|[东南西北左右][侧边面]|旁边?|对面|附近|隔壁|门口|楼[上下]|[前后]面|附' -%}
    {%- set parts = '[东南西北中新老]区|^[东南西北前后正侧]门$' -%}
    {%- set patterns = [
        numbered, homes, built_for, zones, shops, parcels, rooms, beside, parts,
        '^' ~ kinds ~ '+', '[^' ~ any_letter() ~ ']',
    ] -%}
    {%- set nameless = '^(.?|公寓|大厦|大楼|写字楼|广场|花园|商场|市场|学校|医院|超市|厂房|仓库|村委会|村民小组)$' -%}
    {%- set hidden = '[*?某]|(^|[^a-z])xx' -%}
    (
        not {{ regexp_matches(value, hidden) }}
        and (
            {{ regexp_matches(value, '([0-9]|[^0-9]{2})(大?街|路|大道)') }}
            or not {{ regexp_matches(regexp_replace_all(value, patterns | join('|'), ''), nameless) }}
        )
    )
{%- endmacro %}

{% macro place_behind_number(value) -%}
    {#- The estate behind the last house number of a street, as it says more than the number; else street and number. -#}
    {%- set estate = regexp_extract(value, '^.*[0-9][号弄](.+)$') -%}
    coalesce(case when {{ names_a_place(estate) }} then {{ estate }} end, {{ value }})
{%- endmacro %}

{% macro is_one_house(record) -%}
    {#-
        Whether a record's address says so much that only neighbours share it: in a known city, and with the number of
        a house (人民路12号, 李家村3组12号, 12 King Road) or a door. A street, a village or a group of it is no house.
    -#}
    {%- set number = '[0-9][a-z]?(号|弄|院|附|#|-|$)|^[^一-鿿]*[0-9][^一-鿿]*$' -%}
    {{ record }}.city_code is not null
    and ({{ is_door(record ~ '.address_unit') }} or {{ regexp_matches(record ~ '.address_detail', number) }})
{%- endmacro %}

{% macro is_door(unit) -%}
    {#- Whether a unit is one flat's or office's (601, 5-1202, 3-2-2), not that of a building or staircase (5, a, 3-2). -#}
    {{ regexp_matches(unit, '[0-9]{3}|-.*-') }}
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
