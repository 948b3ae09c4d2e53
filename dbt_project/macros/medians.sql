{% macro median_with_open(days, is_open) -%}
    {#-
        Median of whole days where some have not ended: they count as longer than all that have. `days` is NULL where
        it has not ended or is not known; NULL where fewer than half are known. A figure far above any real one stands
        for what is open: it is never part of the result, since the middle ones are known.
    -#}
    {%- set beyond = 1000000 -%}
    {%- set open_count = 'sum(case when ' ~ is_open ~ ' then 1 else 0 end)' -%}
    case
        when count({{ days }}) * 2 < count(*) or count({{ days }}) = 0 then null
        when {{ open_count }} = count({{ days }}) then cast(max({{ days }}) as double)
        else cast(
            {{ percentile_of('coalesce(' ~ days ~ ', case when ' ~ is_open ~ ' then ' ~ beyond ~ ' end)', 0.5) }} as double
        )
    end
{%- endmacro %}
