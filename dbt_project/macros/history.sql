{#- What earlier runs recorded, as the state chain has it. -#}

{% macro is_newest_of_its_date(history) -%}
    {#- Whether a row is of the newest run of its date: a date that was run again has the rows of that run alone. -#}
    {{ history }}._run_number = (
        select max(others._run_number) from {{ history }} as others where others.as_of_date = {{ history }}.as_of_date
    )
{%- endmacro %}
