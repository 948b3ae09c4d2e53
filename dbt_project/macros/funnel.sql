{#- Names and expressions that the funnel's facts and marts share. -#}

{% macro outcome_window_days() %}
    {#- How long a deal has to be won or lost before rates judge it: as long again as a lead has to convert. -#}
    {{- return(2 * var('conversion_window_days')) -}}
{% endmacro %}


{% macro benchmark_period(grain, period_start) -%}
    {#- A period as benchmarks name it: 2025, 2025-Q1, 2025-01; weeks have none. The grain is an expression here. -#}
    case {{ grain }}
        when 'year' then substr(cast({{ period_start }} as varchar), 1, 4)
        when 'quarter'
            then substr(cast({{ period_start }} as varchar), 1, 4) || case substr(cast({{ period_start }} as varchar), 6, 2)
                when '01' then '-Q1' when '04' then '-Q2' when '07' then '-Q3' else '-Q4'
            end
        when 'month' then substr(cast({{ period_start }} as varchar), 1, 7)
    end
{%- endmacro %}


{% macro zoho_closing_stages() -%}
    {#- The stages in which Zoho's deals end, as its standard pick list has them. -#}
    ('Closed Won', 'Closed Lost', 'Closed-Lost to Competition', 'Closed Lost to Competition')
{%- endmacro %}
