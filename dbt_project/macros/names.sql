{#-
    Names of people and companies taken apart. Lists of words and characters come in as one-row relations, since a
    lookup by place in a list is what a database does fastest with a million names.
-#}

{% macro character_lists() -%}
    {#- One row: for every code point its simplified form and its reading, in lists whose position is the code point. -#}
    (
        select
            {{ ordered_list('known.simplified', 'places.place nulls last') }} as simplified,
            {{ ordered_list('known.reading', 'places.place nulls last') }} as readings
        from (
            select {{ each_number(1, '(select max(code_point) from ' ~ ref('id_character') ~ ')') }} as place
        ) as places
        left join {{ ref('id_character') }} as known on places.place = known.code_point
    )
{%- endmacro %}

{% macro in_characters(value, list) -%}
    {#- A text with each character replaced by what one of the lists above says of it; what it does not know stays. -#}
    {%- set known = list_item(list, code_point('letter')) -%}
    {{ replace_characters(value, 'letter', 'coalesce(' ~ known ~ ', letter)') }}
{%- endmacro %}

{% macro is_company_name(kind, name) -%}
    {#-
        Whether a name is taken apart as a company's: by the kind of customer; by the name's end where that is unknown, or
        says person of what no person is called (systems write person for everybody). What stands in brackets behind the
        name is no end of it: 王小明（味丰超市） is a person.
    -#}
    {%- set notes = '([(（【〔][^)）】〕]*[)）】〕]?|[0-9]{7,}| )*$' -%}
    {%- set shops = '超市|商行|商店|商场|便利店|经营部|批发部|小卖部|门市部|专卖店|旗舰店|加盟店|杂货铺|烟酒行' -%}
    {%- set houses = '公司|集团|合作社|酒店|饭店|药店|药房|餐厅|餐馆' -%}
    {%- set latin = ' ([Ll][Tt][Dd]|[Ii][Nn][Cc]|LLC|[Ll][Ii][Mm][Ii][Tt][Ee][Dd]|GmbH)[.]?' -%}
    coalesce(
        {{ kind }} in ('store', 'distributor')
        or {{ regexp_matches(name, '(' ~ [shops, houses, latin] | join('|') ~ ')' ~ notes) }}
        or ({{ kind }} is null and {{ regexp_matches(name, '[^ (（]{2}店' ~ notes ~ '|[^ (（]店[)）] *$') }}),
        false
    )
{%- endmacro %}

{% macro without_signs(value) -%}
    {#- A folded name without blanks and punctuation. -#}
    {{ regexp_replace_all(value, '[- _.,;:·•・‧()【】《》〔〕〈〉「」『』<>{}–—、。/&*#@!?+~|"]|[[]|[]]', '') }}
{%- endmacro %}

{% macro without_notes(value) -%}
    {#- A person's folded name without what stands in brackets and without numbers as long as a phone's. -#}
    {%- set outside = regexp_replace_all(value, '[[({<【〔《〈「『][^])}>】〕》〉」』]*[])}>】〕》〉」』]?|[0-9]{7,}', ' ') -%}
    case
        when {{ regexp_matches(value, '[[({<【〔《〈「『]|[0-9]{7}') }}
            then {{ strip_blanks('case when ' ~ regexp_matches(outside, '[' ~ any_letter() ~ ']') ~ ' then ' ~ outside ~ ' else ' ~ value ~ ' end') }}
        else {{ strip_blanks(value) }}
    end
{%- endmacro %}

{% macro han_text(value) -%}
    {#-
        The Chinese characters of a name, parts of a name in a foreign language kept apart by dots, what it hides (王*明,
        王某, 王xx) as stars; '' for none.
    -#}
    {%- set crossed -%}
        case
            when {{ regexp_matches(value, '(^|[〇㐀-鿿豈-﫿𠀀-𲎯])x{1,3}([^a-z]|$)') }}
                then {{ regexp_replace_all(value, 'x+', '*') }}
            else {{ value }}
        end
    {%- endset -%}
    {%- set marked = 'translate(' ~ crossed ~ ", '.•・‧×○●□某', '····*****')" -%}
    {{ regexp_replace_all(regexp_replace_all(marked, '[^*·〇㐀-鿿豈-﫿𠀀-𲎯]', ''), '^·+|·+$', '') }}
{%- endmacro %}

{% macro word_text(value) -%}
    {#-
        A folded name as words with one blank between, a comma kept: O'Brien is one word, and so is Jean-Luc. 吕 is written
        lv, lü, or lyu in passports.
    -#}
    {%- set plain -%}
        case
            when {{ regexp_matches(value, '[À-ɏ̀-ͯ]') }}
                then {{ strip_accents('replace(translate(' ~ value ~ ", 'üǖǘǚǜ', 'vvvvv'), 'ü', 'v')") }}
            else {{ value }}
        end
    {%- endset -%}
    {%- set joined = regexp_replace_all('replace(' ~ plain ~ ", '''', '')", '[’`-]', '') -%}
    {%- set spaced = regexp_replace_all(joined, '[^' ~ any_letter() ~ '0-9,]+', ' ') -%}
    {%- set passport = "replace(replace(' ' || " ~ spaced ~ " || ' ', ' lyu ', ' lv '), ' lyu,', ' lv,')" -%}
    {{ strip_blanks(regexp_replace_all(passport, ' *,+ *', ',')) }}
{%- endmacro %}

{% macro is_initials(value) -%}
    {#- Whether what is left of a name beside one part is its initials: X., X. M., XM. Every Chinese syllable has a vowel. -#}
    {{ regexp_matches(value, '^[ ,]*([b-df-hj-np-tw-xz]+|[a-z])([ ,]+[a-z])*[ ,]*$') }}
{%- endmacro %}

{% macro joined_name_parts(one, other) -%}
    {#- Two parts of a name in alphabetical order, a blank between, so that it does not matter which was written first. -#}
    case when {{ one }} <= {{ other }} then {{ one }} || ' ' || {{ other }} else {{ other }} || ' ' || {{ one }} end
{%- endmacro %}

{% macro ends_with_more(value, ending, more=1) -%}
    {#- Whether a text ends in another and holds something before it, one character or more. -#}
    length({{ value }}) >= length({{ ending }}) + {{ more }} and right({{ value }}, length({{ ending }})) = {{ ending }}
{%- endmacro %}

{% macro starts_with_more(value, beginning) -%}
    {#- Whether a text starts with another and holds something behind it. -#}
    length({{ value }}) > length({{ beginning }}) and left({{ value }}, length({{ beginning }})) = {{ beginning }}
{%- endmacro %}

{% macro is_pet_name(core, listed, title) -%}
    {#-
        Whether a name of one or two characters holds no surname: 丽丽 and 建国, whose first character is no listed one.
        Before a title a single character is one (不先生).
    -#}
    ({{ listed }}) is null and (length({{ core }}) = 2 or length({{ core }}) = 1 and {{ title }} is null)
{%- endmacro %}

{% macro other_part(core, surname) -%}
    {#- A name with dots (买买提·艾力, 王·小明) without its surname, at whichever end that stands. -#}
    case
        when right({{ core }}, length({{ surname }}) + 1) = '·' || {{ surname }}
            then replace(left({{ core }}, length({{ core }}) - length({{ surname }})), '·', '')
        else replace(substr({{ core }}, length({{ surname }}) + 1), '·', '')
    end
{%- endmacro %}

{% macro is_no_name(value) -%}
    {#- Whether a folded text names nobody: no letter in it, what a shop's software calls its users, or a test. -#}
    (
        not {{ has_letter(value) }}
        or {{ regexp_matches(value, '^(微信|支付宝|抖音|淘宝|天猫|京东)?(用户|会员|顾客|客户)[0-9a-z_]*$') }}
        or {{ regexp_matches(value, '^((系统)?测试(门店|商户|客户|顾客|账号|账户|用户|公司|数据)?[0-9]*|(test *)+[0-9]*)$') }}
    )
{%- endmacro %}

{% macro has_letter(value) -%}
    {{ regexp_matches(value, '[' ~ any_letter() ~ ']') }}
{%- endmacro %}

{% macro has_han(value) -%}
    {{ regexp_matches(value, '[〇㐀-鿿豈-﫿𠀀-𲎯]') }}
{%- endmacro %}

{% macro han_title(han, compound, titles, short_titles) -%}
    {#-
        The title at the end of Chinese characters, the longest first, NULL for none. Short ones (工, 董) are found in
        given names too: they are titles only where a surname alone is left.
    -#}
    coalesce(
        {{ first_match(titles, 'title', ends_with_more(han, 'title')) }},
        case
            when length({{ han }}) = 1 + coalesce(length({{ compound }}), 1)
                then {{ first_match(short_titles, 'title', ends_with_more(han, 'title')) }}
        end
    )
{%- endmacro %}

{% macro without_ends(text, first, last) -%}
    {#- Words without a first and a last one and the separators beside them; NULL takes nothing off. -#}
    {%- set before = 'coalesce(length(' ~ first ~ ') + 1, 0)' -%}
    {%- set after = 'coalesce(length(' ~ last ~ ') + 1, 0)' -%}
    substr({{ text }}, 1 + {{ before }}, length({{ text }}) - {{ before }} - {{ after }})
{%- endmacro %}

{% macro longest_first(word) -%}
    {#- An ordering for lists of words that are searched for the longest. -#}
    length({{ word }}) desc nulls last, {{ word }} nulls last
{%- endmacro %}

{% macro without_ending(value, ending) -%}
    {#- A text without what it ends in; NULL takes nothing off. -#}
    left({{ value }}, length({{ value }}) - coalesce(length({{ ending }}), 0))
{%- endmacro %}

{% macro cut_longest_ending(value, endings, more=1) -%}
    {#- A text without the first of some endings that it has, unless too few characters would be left. -#}
    {{ without_ending(value, first_match(endings, 'word', ends_with_more(value, 'word', more))) }}
{%- endmacro %}

{% macro last_part(value) -%}
    {#- What stands in brackets at the end of a text, else what stands behind its last blank; NULL for neither. -#}
    coalesce(
        {{ regexp_extract(value, '.[(【〔]([^)】〕]+)[)】〕]?$') }},
        {{ regexp_extract(value, '^.* ([^ ]+)$') }}
    )
{%- endmacro %}

{% macro branch_ending(value, branches, types) -%}
    {#- The word for an outlet (店, 分店) at the end of a text; NULL where the end says what kind of store it is (便利店). -#}
    case
        when {{ first_match(types, 'word', ends_with_more(value, 'word', 0)) }} is null
            then {{ first_match(branches, 'word', ends_with_more(value, 'word', 0)) }}
    end
{%- endmacro %}

{% macro end_of_word(value, word) -%}
    {#- Where a word ends in a text, counted from 1; 0 where it is not. -#}
    case when instr({{ value }}, {{ word }}) > 0 then instr({{ value }}, {{ word }}) + length({{ word }}) - 1 else 0 end
{%- endmacro %}
