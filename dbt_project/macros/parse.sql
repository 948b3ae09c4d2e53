{#-
    Raw text to typed values, for staging models. Every macro gives one expression, takes an expression (of type
    text), and gives NULL for what it cannot read: never a guess. Where NULL hides a value, uncast_count() says so.

    The shape that clean extracts use is tried first and costs little more than a bare cast; all others are read in
    the last branch, from a tidied text that is bound once: an engine plans every copy of an expression anew, and that
    is most of what a small run takes.
-#}

{% macro null_words() -%}
    {#- Texts that systems write for "nothing". Compared as written: Null is a surname, and Nan a given name. -#}
    NULL|null|[(]null[)]|<null>|{{ pattern_backslash() }}N|#?N/A|n/a|NaN|nan|None|-None-|--?
{%- endmacro %}


{% macro to_text(value) -%}
    {#- Without white space at the ends; NULL for an empty text or a word that means nothing. -#}
    nullif({{ strip_blanks(value, null_words()) }}, '')
{%- endmacro %}


{% macro to_choice(value, choices) -%}
    {#- One of the allowed texts (lower case), whatever case the extract writes; NULL for any other. -#}
    {%- set allowed = "'" ~ choices | join("', '") ~ "'" -%}
    case
        when {{ value }} in ({{ allowed }}) then {{ value }}
        when {{ is_word('lower(' ~ value ~ ')', choices | join('|')) }} then {{ strip_blanks('lower(' ~ value ~ ')') }}
    end
{%- endmacro %}


{% macro fxiaoke_not_in_force() %}
    {#- What Fxiaoke calls a record that nobody has approved yet; one being changed (变更中, in_change) is in force. -#}
    {{- return(['未生效', '审核中', 'ineffective', 'under_review']) -}}
{% endmacro %}


{% macro to_boolean(value) -%}
    {#- true, t, yes, y, 1, 是 and false, f, no, n, 0, 否, in any case; NULL for anything else. -#}
    case
        when {{ value }} in ('true', '1') then true
        when {{ value }} in ('false', '0') then false
        when {{ is_word('lower(' ~ value ~ ')', 'true|t|yes|y|1|是') }} then true
        when {{ is_word('lower(' ~ value ~ ')', 'false|f|no|n|0|否') }} then false
    end
{%- endmacro %}


{% macro to_decimal(value, precision=18, scale=2) -%}
    {#-
        Plain numbers, and numbers as people write money: ¥1,200.50, -¥5, (12.00) and 12.00- for negatives, 12元.
        Rounded half away from zero to the scale. 1.2E+07 is NULL, because a spreadsheet has thrown digits away;
        1.7E-15, a float's zero, is not. 12,50 is NULL: a comma is only read as a separator of thousands.
    -#}
    {%- set type = 'decimal(' ~ precision ~ ', ' ~ scale ~ ')' -%}
    case
        when {{ regexp_matches(value, '^-?[0-9]+([.][0-9]+)?([eE]-[0-9]+)?$') }} then {{ try_cast(value, type) }}
        when {{ value }} is not null then {{ with_value(tidy_number(value), 'amount', read_money('amount', type)) }}
    end
{%- endmacro %}


{% macro to_integer(value, type='bigint') -%}
    {#- Whole numbers, written as to_decimal() reads them; 12.0 is 12, and 12.7 is NULL. -#}
    {%- set whole = 'case when number = floor(number) then ' ~ try_cast('number', type) ~ ' end' -%}
    case
        when {{ regexp_matches(value, '^-?[0-9]+$') }} then {{ try_cast(value, type) }}
        when {{ value }} is not null then {{ with_value(to_decimal(value, 38, 6), 'number', whole) }}
    end
{%- endmacro %}


{% macro to_date(value) -%}
    {#-
        The business date of a date or a stamp. Instants (an offset, Z, epoch numbers) are seen from the
        warehouse's time zone; a stamp without one says its own date. Shapes: see to_utc_timestamp().
    -#}
    {%- set zone = "'" ~ var('time_zone') ~ "'" -%}
    case
        when {{ value }} like '____-__-__' then {{ try_cast(value, 'date') }}
        when {{ value }} like '____-__-__ __:__:__' then cast({{ try_cast(value, 'timestamp') }} as date)
        when {{ value }} like '____-__-__T__:__:__Z' then cast({{ in_time_zone(read_plain_utc(value), zone) }} as date)
        when {{ value }} is not null then {{ with_value(
            tidy_stamp(value), 'stamp',
            'cast(coalesce(' ~ read_local('stamp') ~ ', ' ~ in_time_zone(read_instant('stamp'), zone) ~ ') as date)'
        ) }}
    end
{%- endmacro %}


{% macro to_utc_timestamp(value, time_zone=none) -%}
    {#-
        The instant of a stamp, as a UTC timestamp. A stamp without an offset is in time_zone, the name of a zone
        (by default the warehouse's). A bare date is midnight in the warehouse's zone, so that it stays that
        business date. Shapes: 2025-01-02, 2025/1/2 and 2025年1月2日, each with or without 3:04 or 03:04:05.6;
        with Z or an offset; 20250102; epoch seconds (10 digits) and milliseconds (see read_instant); Excel serials
        (45658.5).
        01/02/2025 is NULL: it could be January or February. So is what stands for no date: see unless_no_date().
    -#}
    {%- set zone = "'" ~ (time_zone or var('time_zone')) ~ "'" -%}
    {%- set warehouse_zone = "'" ~ var('time_zone') ~ "'" -%}
    {#- A colon or a fraction of a day is a time; without one it is a bare date. -#}
    {%- set has_time = regexp_matches('stamp', ':|^[0-9]{5}[.]0*[1-9]') -%}
    {%- set own_zone = 'case when ' ~ has_time ~ ' then ' ~ zone ~ ' else ' ~ warehouse_zone ~ ' end' -%}
    {%- set own_zone = zone if zone == warehouse_zone else own_zone -%}
    {%- set instant %}
    case
        when {{ value }} like '____-__-__ __:__:__' or {{ value }} like '____-__-__ __:__'
            then {{ local_to_utc(try_cast(value, 'timestamp'), zone) }}
        when {{ value }} like '____-__-__T__:__:__Z' then {{ read_plain_utc(value) }}
        when {{ value }} like '____-__-__' then {{ local_to_utc(try_cast(value, 'timestamp'), warehouse_zone) }}
        when {{ value }} is not null then {{ with_value(
            tidy_stamp(value), 'stamp',
            'coalesce(' ~ read_instant('stamp') ~ ', ' ~ local_to_utc(read_local('stamp'), own_zone) ~ ')'
        ) }}
    end
    {%- endset -%}
    {{ unless_no_date(instant) }}
{%- endmacro %}


{% macro unless_no_date(stamp) -%}
    {#-
        A UTC timestamp, NULL where it stands for no date: before 1990, as systems write 1900-01-01 or 1970-01-01 for
        none. The stamp is written once, being a long expression; greatest() passes over NULL. Not for birth dates.
    -#}
    {%- set epoch = "timestamp '1990-01-01 00:00:00'" -%}
    nullif(greatest({{ stamp }}, {{ epoch }}), {{ epoch }})
{%- endmacro %}


{% macro to_first_item(value) -%}
    {#- The first item of a JSON list of texts or numbers, as APIs give owners: ["1007"]. Other texts as they are. -#}
    case
        when {{ value }} like '[%'
            then {{ to_text(regexp_extract("translate(" ~ value ~ ", ']', ',')", '^[[] *"?([^",]+)')) }}
        else {{ to_text(value) }}
    end
{%- endmacro %}


{% macro typed_columns(typed) -%}
    {#- For a select list: each column of the dictionary (name to expression) as typed_<name>. -#}
    {%- for name, expression in typed.items() -%}
    {{ expression }} as typed_{{ name }}{{ ',\n' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{% macro uncast_count(names) -%}
    {#-
        How many cells of the row hold something that could not be read as its type: of the named columns, of which
        the row has both the text and, as typed_<name>, what was read.
    -#}
    {%- for name in names %}
    {{ '+ ' if not loop.first }}case when typed_{{ name }} is not null or {{ name }} is null then 0
        when {{ is_word(name, '|' ~ null_words() ~ '|' ~ no_dates()) }} then 0 else 1 end
    {%- endfor %}
{%- endmacro %}


{#- The rest is for the macros above. -#}

{% macro no_dates() -%}
    {#- How systems write "no date". As a stamp it is NULL and nothing was lost; as a date of birth it can be one. -#}
    ((0001|1753|1900|1970)[-/]0?1[-/]0?1|(1899|1969)[-/]12[-/]3[01])([ T].*)?
{%- endmacro %}


{% macro half_width(value, wide='', ascii='') -%}
    {#- The full-width digits and signs that numbers and dates are written with, as ASCII; and some more. -#}
    translate({{ value }}, '０１２３４５６７８９．，：／－＋（）￥＄　{{ wide }}', '0123456789.,:/-+()¥$ {{ ascii }}')
{%- endmacro %}


{% macro tidy_number(value) -%}
    {#- Full-width digits and signs as ASCII, and no blanks at the ends. -#}
    {%- set has_wide = regexp_matches(value, '[！-～￥　]') -%}
    {{ strip_blanks('case when ' ~ has_wide ~ ' then ' ~ half_width(value) ~ ' else ' ~ value ~ ' end') }}
{%- endmacro %}


{% macro tidy_stamp(value) -%}
    {#- 2025年1月2日 3:04 as 2025-1-2 3:04, and no blanks at the ends or doubled. Most stamps need none of that. -#}
    {%- set ascii = half_width(value, '年月日', '-- ') -%}
    case
        when {{ regexp_matches(value, '[^ -~]|^ | $|  ') }}
            then {{ strip_blanks(regexp_replace_all(ascii, ' +', ' ')) }}
        else {{ value }}
    end
{%- endmacro %}


{% macro read_money(value, type) -%}
    {%- set number = '(([0-9]+|[0-9]{1,3}(,[0-9]{3})+)([.][0-9]*)?|[.][0-9]+)' -%}
    {%- set currency = '(¥|￥|[$]|€|£|CNY|RMB)? ?' -%}
    {%- set amount = currency ~ number -%}
    {%- set writings = [
        '[+]?' ~ amount,
        '-' ~ amount, currency ~ '-' ~ number, '[(]' ~ amount ~ '[)]', currency ~ '[(]' ~ number ~ '[)]', amount ~ '-',
    ] -%}
    {%- set sign = "case when " ~ regexp_matches(value, '[-(]') ~ " then '-' else '' end" -%}
    case
        when {{ regexp_matches(value, '^(' ~ writings | join('|') ~ ')( ?元)?$') }}
            then {{ try_cast(sign ~ ' || ' ~ regexp_replace_all(value, '[^0-9.]', ''), type) }}
    end
{%- endmacro %}


{% macro read_plain_utc(value) -%}
    {#- 2025-01-02T03:04:05Z. The Z is cut off, as casts to a timestamp without zone treat it differently. -#}
    {{ try_cast('substring(' ~ value ~ ', 1, 19)', 'timestamp') }}
{%- endmacro %}


{% macro read_instant(value) -%}
    {#-
        Stamps that carry their own zone, as UTC. Milliseconds have 12 or 13 digits. Of who was born before 1973 they
        have fewer, or a minus: 11 digits count where they end in five zeros, as midnights do and hardly a phone.
    -#}
    {%- set unit = 'case when length(' ~ value ~ ') = 10 then 1000 else 1 end' -%}
    case
        when {{ regexp_matches(value, '^(-?[0-9]{12,13}|-[0-9]{10,11}|[0-9]{6}0{5}|[0-9]{10})$') }}
            then {{ from_epoch_ms(try_cast(value, 'bigint') ~ ' * ' ~ unit) }}
        else {{ parse_offset_stamp(value) }}
    end
{%- endmacro %}


{% macro read_local(value) -%}
    {#- Stamps and dates without a zone, as written. Excel's serials are days since 1899-12-30. -#}
    case
        when {{ regexp_matches(value, '^[0-9]{5}([.][0-9]+)?$') }}
            then {{ from_epoch_ms('round((' ~ try_cast(value, 'double') ~ ' - 25569) * 86400000)') }}
        when {{ regexp_matches(value, '^(19|20)[0-9]{6}$') }} then {{ parse_timestamp(value, '%Y%m%d') }}
        else {{ parse_local_stamp(value) }}
    end
{%- endmacro %}
