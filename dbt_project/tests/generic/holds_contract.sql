{% test holds_contract(model, grain, required=[], accepted={}) %}
    {#-
        One scan of a table: its grain is unique and never NULL, required columns are filled, and columns with
        a list of accepted values hold nothing else. Each violation is a row with the number of rows concerned.
    -#}
    {{ config(fail_calc='coalesce(sum(failed_count), 0)') }}
    {%- set checks = [] -%}
    {%- for column in (grain + required) | unique -%}
        {%- do checks.append((column ~ ' is NULL', column ~ ' is null')) -%}
    {%- endfor -%}
    {%- for column, values in accepted.items() -%}
        {%- set listed -%}
            {%- for value in values -%}
                {%- if value is string -%}'{{ value | replace("'", "''") }}'{%- else -%}{{ value }}{%- endif -%}
                {{- ', ' if not loop.last -}}
            {%- endfor -%}
        {%- endset -%}
        {%- do checks.append((column ~ ' holds another value', column ~ ' not in (' ~ listed ~ ')')) -%}
    {%- endfor %}

with grouped as (
    select
        {%- for _, condition in checks %}
        sum(case when {{ condition }} then 1 else 0 end) as check_{{ loop.index }},
        {%- endfor %}
        count(*) as row_count
    from {{ model }}
    group by {{ grain | join(', ') }}
),

counted as (
    select
        {%- for _ in checks %}
        sum(check_{{ loop.index }}) as check_{{ loop.index }},
        {%- endfor %}
        sum(row_count - 1) as duplicate_count
    from grouped
),

violations as (
    select 'grain ({{ grain | join(', ') }}) is not unique' as violation, duplicate_count as failed_count
    from counted
    {%- for label, _ in checks %}
    union all
    select '{{ label | replace("'", "''") }}', check_{{ loop.index }} from counted
    {%- endfor %}
)

select
    violation,
    failed_count
from violations
where failed_count > 0
{% endtest %}
