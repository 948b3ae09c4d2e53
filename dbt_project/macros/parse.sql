{#-
    Raw text to typed values, for staging models. Every macro gives one expression, takes an expression (of type
    text), and gives NULL for what it cannot read: never a guess. Where NULL hides a value, uncast_count() says so.

    The shape that clean extracts use is tried first and costs little more than a bare cast; the others are only
    reached by the values that are left.
-#}

{% macro null_tokens() -%}
    {#- Texts that systems write for "nothing". Compared as written: Null is a surname, and Nan a given name. -#}
    '', 'NULL', 'null', '(null)', '<null>', chr(92) || 'N', 'N/A', 'n/a', '#N/A', 'NaN', 'nan', 'None', '-None-', '-', '--'
{%- endmacro %}


{% macro to_text(value) -%}
    {#- Without white space at the ends; NULL for an empty text or a token that means nothing. -#}
    case
        when {{ value }} in ({{ null_tokens() }}) then null
        when {{ has_outer_blanks(value) }}
            then case when {{ strip_blanks(value) }} not in ({{ null_tokens() }}) then {{ strip_blanks(value) }} end
        else {{ value }}
    end
{%- endmacro %}


{% macro to_choice(value, choices) -%}
    {#- One of the allowed texts (lower case), whatever case the extract writes; NULL for any other. -#}
    {%- set allowed = "'" ~ choices | join("', '") ~ "'" -%}
    case
        when {{ value }} in ({{ allowed }}) then {{ value }}
        when lower({{ strip_blanks(value) }}) in ({{ allowed }}) then lower({{ strip_blanks(value) }})
    end
{%- endmacro %}


{% macro to_boolean(value) -%}
    {#- true, t, yes, y, 1, 是 and false, f, no, n, 0, 否, in any case; NULL for anything else. -#}
    case
        when {{ value }} in ('true', '1') then true
        when {{ value }} in ('false', '0') then false
        when lower({{ strip_blanks(value) }}) in ('true', 't', 'yes', 'y', '1', '是') then true
        when lower({{ strip_blanks(value) }}) in ('false', 'f', 'no', 'n', '0', '否') then false
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
        else coalesce({{ read_money(value, type) }}, {{ read_money(half_width(strip_blanks(value)), type) }})
    end
{%- endmacro %}


{% macro to_integer(value, type='bigint') -%}
    {#- Whole numbers, written as to_decimal() reads them; 12.0 is 12, and 12.7 is NULL. -#}
    {%- set number = to_decimal(value, 38, 6) -%}
    case
        when {{ regexp_matches(value, '^-?[0-9]+$') }} then {{ try_cast(value, type) }}
        when {{ number }} = floor({{ number }}) then {{ try_cast(number, type) }}
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
        else coalesce({{ read_date(value, zone) }}, {{ read_date(tidy_stamp(value), zone) }})
    end
{%- endmacro %}


{% macro to_utc_timestamp(value, time_zone=none) -%}
    {#-
        The instant of a stamp, as a UTC timestamp. A stamp without an offset is in time_zone, the name of a zone
        (by default the warehouse's). A bare date is midnight in the warehouse's zone, so that it stays that
        business date. Shapes: 2025-01-02, 2025/1/2 and 2025年1月2日, each with or without 3:04 or 03:04:05.6;
        with Z or an offset; 20250102; epoch seconds (10 digits) and milliseconds (12 or 13); Excel serials (45658.5).
        01/02/2025 is NULL: it could be January or February.
    -#}
    {%- set zone = "'" ~ (time_zone or var('time_zone')) ~ "'" -%}
    {%- set warehouse_zone = "'" ~ var('time_zone') ~ "'" -%}
    case
        when {{ value }} like '____-__-__ __:__:__' then {{ local_to_utc(try_cast(value, 'timestamp'), zone) }}
        when {{ value }} like '____-__-__T__:__:__Z' then {{ read_plain_utc(value) }}
        when {{ value }} like '____-__-__' then {{ local_to_utc(try_cast(value, 'timestamp'), warehouse_zone) }}
        else coalesce(
            {{ read_stamp(value, zone, warehouse_zone) }},
            {{ read_stamp(tidy_stamp(value), zone, warehouse_zone) }}
        )
    end
{%- endmacro %}


{% macro uncast_count(typed) -%}
    {#-
        How many cells of the row hold something that could not be read as its type: a dictionary of column name
        to typed expression, as `{'ordered_at': to_utc_timestamp('ordered_at')}`.
    -#}
    {%- for name, expression in typed.items() %}
    {{ '+ ' if not loop.first }}case when {{ expression }} is null then case when {{ to_text(name) }} is null then 0 else 1 end else 0 end
    {%- endfor %}
{%- endmacro %}


{#- The rest is for the macros above. -#}

{% macro half_width(value) -%}
    {#- The full-width digits and signs that numbers and dates are written with, as ASCII. -#}
    translate({{ value }}, '０１２３４５６７８９．，：／－＋（）￥＄　', '0123456789.,:/-+()¥$ ')
{%- endmacro %}


{% macro tidy_stamp(value) -%}
    {#- 2025年1月2日 3:04 as 2025-1-2 3:04, and no blanks at the ends or doubled. -#}
    {{ strip_blanks(regexp_replace_all(
        "translate(" ~ half_width(value) ~ ", '年月日', '-- ')", ' +', ' '
    )) }}
{%- endmacro %}


{% macro read_money(value, type) -%}
    {%- set number = '(([0-9]+|[0-9]{1,3}(,[0-9]{3})+)([.][0-9]*)?|[.][0-9]+)' -%}
    {%- set currency = '(¥|￥|[$]|€|£|CNY|RMB)? ?' -%}
    {%- set amount = currency ~ number -%}
    {%- set negatives = [
        '-' ~ amount, currency ~ '-' ~ number, '[(]' ~ amount ~ '[)]', currency ~ '[(]' ~ number ~ '[)]', amount ~ '-',
    ] -%}
    {%- set digits = "translate(" ~ value ~ ", '¥￥$€£CNYRMB元,()+- ', '')" -%}
    case
        when {{ regexp_matches(value, '^[+]?' ~ amount ~ '( ?元)?$') }} then {{ try_cast(digits, type) }}
        when {{ regexp_matches(value, '^(' ~ negatives | join('|') ~ ')( ?元)?$') }} then {{ try_cast("'-' || " ~ digits, type) }}
    end
{%- endmacro %}


{% macro read_plain_utc(value) -%}
    {#- 2025-01-02T03:04:05Z. The Z is cut off, as casts to a timestamp without zone treat it differently. -#}
    {{ try_cast('substring(' ~ value ~ ', 1, 19)', 'timestamp') }}
{%- endmacro %}


{% macro read_instant(value) -%}
    {#- Stamps that carry their own zone, as UTC. -#}
    case
        when {{ regexp_matches(value, '^-?[0-9]{12,13}$') }} then {{ from_epoch_ms(try_cast(value, 'bigint')) }}
        when {{ regexp_matches(value, '^[0-9]{10}$') }}
            then {{ from_epoch_ms(try_cast(value, 'bigint') ~ ' * 1000') }}
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


{% macro read_date(value, zone) -%}
    cast(coalesce({{ read_local(value) }}, {{ in_time_zone(read_instant(value), zone) }}) as date)
{%- endmacro %}


{% macro read_stamp(value, zone, warehouse_zone) -%}
    {#- A colon or a fraction of a day is a time; without one it is a bare date. -#}
    coalesce(
        {{ read_instant(value) }},
        case
            when {{ regexp_matches(value, ':|^[0-9]{5}[.]0*[1-9]') }} then {{ local_to_utc(read_local(value), zone) }}
            else {{ local_to_utc(read_local(value), warehouse_zone) }}
        end
    )
{%- endmacro %}
