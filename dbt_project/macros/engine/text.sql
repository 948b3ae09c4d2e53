{#-
    Text functions whose name, escaping or default differs between engines.
    Every argument is an SQL expression, except patterns: those are plain text, without backslashes or quotes.
-#}

{% macro regexp_matches(value, pattern) %}
    {#- Whether the pattern is found anywhere in the value; NULL for NULL. Anchor with ^ and $ for the whole. -#}
    {{- return(adapter.dispatch('regexp_matches', 'liucun')(value, pattern)) -}}
{% endmacro %}

{% macro duckdb__regexp_matches(value, pattern) -%}
    regexp_matches({{ value }}, '{{ pattern }}')
{%- endmacro %}


{% macro regexp_extract(value, pattern, group=1) %}
    {#- The first match's group (0 is the whole match), NULL where nothing matches. -#}
    {{- return(adapter.dispatch('regexp_extract', 'liucun')(value, pattern, group)) -}}
{% endmacro %}

{% macro duckdb__regexp_extract(value, pattern, group) -%}
    nullif(regexp_extract({{ value }}, '{{ pattern }}', {{ group }}), '')
{%- endmacro %}


{% macro regexp_replace_all(value, pattern, replacement) %}
    {#- Every match replaced by a fixed text (plain, no group references). -#}
    {{- return(adapter.dispatch('regexp_replace_all', 'liucun')(value, pattern, replacement)) -}}
{% endmacro %}

{% macro duckdb__regexp_replace_all(value, pattern, replacement) -%}
    regexp_replace({{ value }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}


{% macro numbers_apart(value, signs) %}
    {#- The text with a hyphen for what signs stand between two digits, full-width ones too. Most texts have none. -#}
    {{- return(adapter.dispatch('numbers_apart', 'liucun')(value, signs)) -}}
{% endmacro %}

{#- Twice: a number of one digit is the end of one pair and the start of the next. -#}
{% macro duckdb__numbers_apart(value, signs) -%}
    {%- set between = '([0-9０-９])[' ~ signs ~ ']+([0-9０-９])' -%}
    {%- set once = "regexp_replace(" ~ value ~ ", '" ~ between ~ "', '\\1-\\2', 'g')" -%}
    case
        when regexp_matches({{ value }}, '{{ between }}')
            then regexp_replace({{ once }}, '{{ between }}', '\1-\2', 'g')
        else {{ value }}
    end
{%- endmacro %}


{% macro strip_blanks(value, words='') %}
    {#-
        The text without white space of any script at its ends (full-width and no-break spaces, BOM): engines disagree
        on trim() and its arguments. A text that is one of the words alone counts as blank and becomes ''; the words
        are a pattern, 'NULL|N/A'.
    -#}
    {{- return(adapter.dispatch('strip_blanks', 'liucun')(value, words)) -}}
{% endmacro %}

{% macro duckdb__strip_blanks(value, words) -%}
    {%- set blank = '[\\s\\p{Z}\\x{200B}\\x{FEFF}]' -%}
    {%- set whole = '^' ~ blank ~ '*(' ~ words ~ ')' ~ blank ~ '*$|' if words else '' -%}
    regexp_replace({{ value }}, '{{ whole }}^{{ blank }}+|{{ blank }}+$', '', 'g')
{%- endmacro %}


{% macro is_word(value, words) %}
    {#- Whether the text is one of the words (a pattern, as above), white space at its ends aside. -#}
    {{- return(adapter.dispatch('is_word', 'liucun')(value, words)) -}}
{% endmacro %}

{% macro duckdb__is_word(value, words) -%}
    {%- set blanks = '[\\s\\p{Z}\\x{200B}\\x{FEFF}]*' -%}
    regexp_matches({{ value }}, '^{{ blanks }}({{ words }}){{ blanks }}$')
{%- endmacro %}


{% macro pattern_backslash() %}
    {#- One backslash, as patterns write it: the only character that they may need and cannot hold. -#}
    {{- return(adapter.dispatch('pattern_backslash', 'liucun')()) -}}
{% endmacro %}

{% macro duckdb__pattern_backslash() -%}
    \\
{%- endmacro %}


{% macro any_letter() %}
    {#- For use inside a class of a pattern: every letter of every script. -#}
    {{- return(adapter.dispatch('any_letter', 'liucun')()) -}}
{% endmacro %}

{% macro duckdb__any_letter() -%}
    \p{L}
{%- endmacro %}


{% macro md5_text(value) %}
    {#- Lower-case hexadecimal md5 of a text's UTF-8 bytes. Never an engine's own hash(), which differs. -#}
    {{- return(adapter.dispatch('md5_text', 'liucun')(value)) -}}
{% endmacro %}

{% macro duckdb__md5_text(value) -%}
    md5({{ value }})
{%- endmacro %}


{% macro split_text(value, separator) %}
    {#- The parts of a text as a list; the separator is plain text, not a pattern. -#}
    {{- return(adapter.dispatch('split_text', 'liucun')(value, separator)) -}}
{% endmacro %}

{% macro duckdb__split_text(value, separator) -%}
    string_split({{ value }}, '{{ separator }}')
{%- endmacro %}


{% macro starts_with(value, beginning) %}
    {#- Whether a text begins with another. -#}
    {{- return(adapter.dispatch('starts_with', 'liucun')(value, beginning)) -}}
{% endmacro %}

{% macro duckdb__starts_with(value, beginning) -%}
    starts_with({{ value }}, {{ beginning }})
{%- endmacro %}
