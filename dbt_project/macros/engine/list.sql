{#- Lists, and texts taken as lists of characters. Names given to elements are plain text. -#}

{% macro ordered_list(value, ordering) %}
    {#- Aggregate: the values of a group, NULLs kept, in an order (`length(word) desc nulls last, word nulls last`). -#}
    {{- return(adapter.dispatch('ordered_list', 'liucun')(value, ordering)) -}}
{% endmacro %}

{% macro duckdb__ordered_list(value, ordering) -%}
    list({{ value }} order by {{ ordering }})
{%- endmacro %}


{% macro list_item(values, position) %}
    {#- The element at a position (1 is the first), NULL past the end. The position must not be negative. -#}
    {{- return(adapter.dispatch('list_item', 'liucun')(values, position)) -}}
{% endmacro %}

{% macro duckdb__list_item(values, position) -%}
    {{ values }}[{{ position }}]
{%- endmacro %}


{% macro first_match(values, name, condition) %}
    {#- The first element that meets a condition, in which it goes by the name; NULL where none does. -#}
    {{- return(adapter.dispatch('first_match', 'liucun')(values, name, condition)) -}}
{% endmacro %}

{% macro duckdb__first_match(values, name, condition) -%}
    list_filter({{ values }}, lambda {{ name }}: {{ condition }})[1]
{%- endmacro %}


{% macro matching(values, name, condition) %}
    {#- The elements that meet a condition, in their order. A cheap condition goes into a list of its own, first. -#}
    {{- return(adapter.dispatch('matching', 'liucun')(values, name, condition)) -}}
{% endmacro %}

{% macro duckdb__matching(values, name, condition) -%}
    list_filter({{ values }}, lambda {{ name }}: {{ condition }})
{%- endmacro %}


{% macro highest(values, name, expression) %}
    {#- The highest value of an expression over the elements; NULL for none. -#}
    {{- return(adapter.dispatch('highest', 'liucun')(values, name, expression)) -}}
{% endmacro %}

{% macro duckdb__highest(values, name, expression) -%}
    list_max(list_transform({{ values }}, lambda {{ name }}: {{ expression }}))
{%- endmacro %}


{% macro replace_characters(value, name, expression) %}
    {#- The text with each character replaced by an expression, in which it goes by the name; NULL for an empty text. -#}
    {{- return(adapter.dispatch('replace_characters', 'liucun')(value, name, expression)) -}}
{% endmacro %}

{% macro duckdb__replace_characters(value, name, expression) -%}
    array_to_string(list_transform(string_split(nullif({{ value }}, ''), ''), lambda {{ name }}: {{ expression }}), '')
{%- endmacro %}


{% macro code_point(character) %}
    {#- The Unicode code point of a text's first character. -#}
    {{- return(adapter.dispatch('code_point', 'liucun')(character)) -}}
{% endmacro %}

{% macro duckdb__code_point(character) -%}
    unicode({{ character }})
{%- endmacro %}


{% macro strip_accents(value) %}
    {#- Latin letters without their accents: é to e. -#}
    {{- return(adapter.dispatch('strip_accents', 'liucun')(value)) -}}
{% endmacro %}

{% macro duckdb__strip_accents(value) -%}
    strip_accents({{ value }})
{%- endmacro %}


{% macro each_number(first, last) %}
    {#- For a select list: one row per whole number from the first to the last, both included. -#}
    {{- return(adapter.dispatch('each_number', 'liucun')(first, last)) -}}
{% endmacro %}

{% macro duckdb__each_number(first, last) -%}
    unnest(generate_series({{ first }}, {{ last }}))
{%- endmacro %}


{% macro row_of(fields) %}
    {#- One value of several named fields (field → expression), for lists of them; a field is read as `value.field`. -#}
    {{- return(adapter.dispatch('row_of', 'liucun')(fields)) -}}
{% endmacro %}

{% macro duckdb__row_of(fields) -%}
    { {%- for name, expression in fields.items() -%} {{ "'" ~ name ~ "': " ~ expression }}{{ ', ' if not loop.last }} {%- endfor -%} }
{%- endmacro %}
