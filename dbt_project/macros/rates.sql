{% macro rate(numerator, denominator) -%}
    {#- Numerator over denominator, rounded to 9 places (double); NULL where the denominator is 0 or NULL. -#}
    round(cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0), 9)
{%- endmacro %}


{% macro wilson_lower(successes, trials) -%}
    {#- Lower bound of the 95 % Wilson score interval of a share (Wilson 1927); NULL without trials. -#}
    {{ wilson_bound(successes, trials, '-') }}
{%- endmacro %}


{% macro wilson_upper(successes, trials) -%}
    {#- Upper bound of the 95 % Wilson score interval of a share; NULL without trials. -#}
    {{ wilson_bound(successes, trials, '+') }}
{%- endmacro %}


{% macro wilson_bound(successes, trials, sign) -%}
    {#-
        (k + z²/2 ± z·√(k(n − k)/n + z²/4)) / (n + z²), with z the normal quantile of 97.5 %. More successes than trials
        are no share: tests and gates say so of the rate, and no root of a negative number stops the run before them.
    -#}
    {%- set z = 1.959963984540054 -%}
    {%- set k = 'cast(' ~ successes ~ ' as double)' -%}
    {%- set n = 'cast(' ~ trials ~ ' as double)' -%}
    case
        when {{ trials }} > 0
            then round(least(1.0, greatest(0.0, (
                {{ k }} + {{ z * z / 2 }}
                {{ sign }} {{ z }} * sqrt(greatest(0.0, {{ k }} * ({{ n }} - {{ k }}) / {{ n }} + {{ z * z / 4 }}))
            ) / ({{ n }} + {{ z * z }}))), 9)
    end
{%- endmacro %}
