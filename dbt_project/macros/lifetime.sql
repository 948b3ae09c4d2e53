{#-
    Repeat purchases to come: the formulas of customer_models/lifetime, where their sources stand, as expressions over
    columns. `model` is plain text, bg or mbg (BG/NBD, MBG/NBD); everything else is the name of a column or a short
    expression: x (repeat purchases, integer or double), t_x, age and horizon in weeks (double), the parameters
    r, alpha, a and b (double, NULL where nothing was fitted: the result is NULL, too). No such column may be called
    g, i, m, t or y: those are names within the sums.
-#}

{% macro p_alive(model, x, t_x, age, r, alpha, a, b) -%}
    {#-
        Probability of not having been lost yet: 1 / (1 + odds), odds = a/(b+k-1) * ((alpha+T)/(alpha+t_x))^(r+x), where
        k = x (bg) or x + 1 (mbg) is how often the customer may have been lost; 1 for k = 0. Never publish its
        complement as the risk of churn under bg, where every one-time buyer has 1: that is p_no_purchase().
    -#}
    {%- set after = b ~ ' + ' ~ x ~ (' - 1' if model == 'bg' else '') -%}
    {#- Beyond e^709 the exponential is infinite, and the result 0. -#}
    {%- set by_odds -%}
    1 / (
        1 + exp(
            ln({{ a }} / ({{ after }}))
            + ({{ r }} + {{ x }}) * ln(({{ alpha }} + {{ age }}) / ({{ alpha }} + {{ t_x }}))
        )
    )
    {%- endset -%}
    {%- if model == 'bg' -%}
    case when {{ x }} > 0 then {{ by_odds }} when {{ r }} + {{ alpha }} + {{ a }} + {{ b }} is not null then 1 end
    {%- else -%}
    {{ by_odds }}
    {%- endif -%}
{%- endmacro %}


{% macro p_no_purchase(p_alive, x, age, horizon, r, alpha) -%}
    {#-
        Probability of no purchase within the horizon, the risk of churn:
        1 - P(alive) * (1 - ((alpha+T)/(alpha+T+H))^(r+x)). Under both models: they differ in `p_alive` alone, which is
        a column with the result of p_alive().
    -#}
    1 - {{ p_alive }} * (
        1 - exp(-({{ r }} + {{ x }}) * ln(1 + {{ horizon }} / ({{ alpha }} + {{ age }})))
    )
{%- endmacro %}


{% macro expected_purchases(model, p_alive, x, age, horizon, r, alpha, a, b) -%}
    {#-
        Expected purchases within the horizon; `p_alive` is a column with the result of p_alive(). Right to 1e-10
        (relative above 1, absolute below) for a and b of 0.02 to 50, r up to 20 and any x: customer_models/lifetime/
        expectation.py has the formulas. By the series, of 4 + (26 + 2a) / -ln(z) terms, z = H / (alpha + T + H), where
        these are 200 at most and hardly cancel; elsewhere (z near 1: new customers, long horizons) by quadrature, ten
        times slower.
    -#}
    {%- set risk = 0 if model == 'bg' else 1 -%}
    {%- set scale = '(' ~ alpha ~ ' + ' ~ age ~ ')' -%}
    {%- set z = '(' ~ horizon ~ ' / (' ~ alpha ~ ' + ' ~ age ~ ' + ' ~ horizon ~ '))' -%}
    {%- set terms = '(4 + (26 + 2 * ' ~ a ~ ') / -ln(' ~ z ~ '))' -%}
    {%- set survive = '(' ~ b ~ ' + ' ~ x ~ ' + ' ~ risk ~ ')' -%}
    {{ p_alive }} * case
        when {{ x }} + {{ scale }} + {{ horizon }} + {{ r }} + {{ a }} + {{ b }} is null then null
        when {{ horizon }} = 0 then 0
        when {{ terms }} <= 200 and {{ a }} + {{ b }} - {{ r }} + {{ risk }} - 1 >= -15
            then {{ purchases_by_series(terms, z, x, age, horizon, r, alpha, a, b, risk) }}
        else {{ purchases_by_quadrature(scale, survive, x, horizon, r, a) }}
    end
{%- endmacro %}


{% macro purchases_by_series(terms, z, x, age, horizon, r, alpha, a, b, risk) -%}
    {#- Part of expected_purchases(): c (1 - (1-z)^(a-1)) / (a-1) - (1-z)^(a-1) d z (1 + q1 (1 + q2 (1 + ...))). -#}
    {%- set log_ratio = 'ln(1 + ' ~ horizon ~ ' / (' ~ alpha ~ ' + ' ~ age ~ '))' -%}
    {%- set d = a ~ ' + ' ~ b ~ ' - ' ~ r -%}
    {%- set c = a ~ ' + ' ~ b ~ ' + ' ~ x -%}
    {%- set m = 'm' if risk else 'm - 1' -%}
    (
        ({{ c }} + {{ risk }} - 1) * case
            when {{ a }} = 1 then {{ log_ratio }}
            {#- 1 - e^(-u) = 2t / (1 + t), t = tanh(u/2): exact for small u, where the difference is not. #}
            else 2 * tanh(({{ a }} - 1) * {{ log_ratio }} / 2)
                / ((1 + tanh(({{ a }} - 1) * {{ log_ratio }} / 2)) * ({{ a }} - 1))
        end
        - exp((1 - {{ a }}) * {{ log_ratio }}) * ({{ d }} + {{ risk }} - 1) * {{ z }} * {{ nested_sum(
            'least(ceil(' ~ terms ~ '), 200)',
            'm',
            '(' ~ d ~ ' + ' ~ m ~ ') * (' ~ a ~ ' - 1 + m) * ' ~ horizon
            ~ ' / ((' ~ c ~ ' + ' ~ m ~ ') * (m + 1) * (' ~ alpha ~ ' + ' ~ age ~ ' + ' ~ horizon ~ '))'
        ) }}
    )
{%- endmacro %}


{% macro purchases_by_quadrature(scale, survive, x, horizon, r, a) -%}
    {#-
        Part of expected_purchases(): the mean of f(p) = (1 - (1 + pH/A)^-R) / p over p ~ Beta(a, B), as a sum over
        y = ln(p / (1-p)) of what f leaves of the straight line between its ends, which is integrated in closed form. The
        logarithm g of the weight's factor stays in the exponent: for a in the thousands either alone is beyond a double.
    -#}
    {%- set nodes = 120 -%}
    {%- set width = 'sqrt(1 / (' ~ a ~ ' + 1) + 1 / (' ~ survive ~ ' + 1))' -%}
    {%- set low = 'ln((' ~ a ~ ' + 1) / (' ~ survive ~ ' + 1)) - 26 / (' ~ a ~ ' + 1) - 6 * ' ~ width -%}
    {%- set step = '(26 / (' ~ a ~ ' + 1) + 26 / (' ~ survive ~ ' + 1) + 12 * ' ~ width ~ ') / ' ~ nodes -%}
    {%- set shape = '(' ~ r ~ ' + ' ~ x ~ ')' -%}
    {%- set ratio = '(' ~ horizon ~ ' / ' ~ scale ~ ')' -%}
    {%- set at_1 = '(1 - exp(-' ~ shape ~ ' * ln(1 + ' ~ ratio ~ ')))' -%}
    {%- set p = '(1 / (1 + exp(-y)))' -%}
    {#- Both 1 - e^(-2v) = 2t / (1 + t), t = tanh(v), and ln(1 + w) = 2 artanh(w / (2 + w)) keep small p exact. -#}
    {%- set t = 'tanh(' ~ shape ~ ' * atanh(' ~ p ~ ' * ' ~ ratio ~ ' / (2 + ' ~ p ~ ' * ' ~ ratio ~ ')))' -%}
    {%- set left = with_value(
        t, 't', '2 * t / (1 + t) / ' ~ p ~ ' - ' ~ shape ~ ' * ' ~ ratio ~ ' * (1 - ' ~ p ~ ') - ' ~ at_1 ~ ' * ' ~ p
    ) -%}
    (
        ({{ shape }} * {{ ratio }} * {{ survive }} + {{ at_1 }} * {{ a }}) / ({{ a }} + {{ survive }})
        + {{ step }} * {{ with_value(
            log_gamma(a ~ ' + ' ~ survive) ~ ' - ' ~ log_gamma(a) ~ ' - ' ~ log_gamma(survive),
            'g',
            sum_over(nodes, 'i', with_value(
                low ~ ' + ' ~ step ~ ' * (i - 0.5)',
                'y',
                'exp(' ~ a ~ ' * y - (' ~ a ~ ' + ' ~ survive ~ ') * ln(1 + exp(y)) + g) * ' ~ left
            ))
        ) }}
    )
{%- endmacro %}


{% macro expected_order_amount(x, mean_amount, p, q, v) -%}
    {#-
        Expected mean amount of a customer's purchases by the Gamma-Gamma model, p (v + x m) / (p x + q - 1), in the
        currency of `mean_amount`, the mean of the x repeat purchases: not looked at where x is 0, below 0 it counts as
        0. NULL where nothing was fitted, the mean is infinite (p x + q <= 1), or the mean of repeat purchases is NULL.
    -#}
    case
        when {{ p }} * {{ x }} + {{ q }} > 1
            then {{ p }}
                * ({{ v }} + case when {{ x }} = 0 or {{ mean_amount }} < 0 then 0 else {{ x }} * {{ mean_amount }} end)
                / ({{ p }} * {{ x }} + {{ q }} - 1)
    end
{%- endmacro %}


{% macro discount_factor(annual_rate, horizon) -%}
    {#-
        Present value of 1 that arrives evenly over the horizon (weeks): (1 - e^(-kH)) / (kH), k the rate's logarithm
        per week, a year having 365.25 / 7 of them. 1 for a rate of 0.
    -#}
    case
        when {{ annual_rate }} * {{ horizon }} = 0 then cast(1 as double)
        else (1 - power(1 + {{ annual_rate }}, -{{ horizon }} * 7 / 365.25))
            / (ln(1 + {{ annual_rate }}) * {{ horizon }} * 7 / 365.25)
    end
{%- endmacro %}


{% macro p_alive_of_new(model) -%}
    {#- P(alive) right after the first purchase: 1 for bg; mbg has lost a share a / (a + b) by then. -#}
    {{ 'cast(1 as double)' if model == 'bg' else 'mbg_b / (mbg_a + mbg_b)' }}
{%- endmacro %}


{% macro model_parameters() %}
    {#- The parameters of each model, by its name; dim_model_parameter holds them as <model>_<parameter>. -#}
    {%- set counts = ['r', 'alpha', 'a', 'b'] -%}
    {{- return({'bg': counts, 'mbg': counts, 'gamma_gamma': ['p', 'q', 'v']}) -}}
{% endmacro %}


{% macro checked_horizons() %}
    {#- Days ahead that forecasts are held against what came. -#}
    {{- return([28, 56, 90]) -}}
{% endmacro %}


{% macro forecast_horizons() %}
    {#- Days ahead that forecasts are made for; what is not checked is always of low confidence. -#}
    {{- return(checked_horizons() + [365]) -}}
{% endmacro %}


{% macro churn_features() %}
    {#- What the challenger knows beside the closed form: days of the last so many days with a purchase, as logarithms. -#}
    {{- return(['n14', 'n28', 'n56', 'n90', 'n182', 'w91']) -}}
{% endmacro %}


{% macro forecast_bounds() %}
    {#-
        What a forecast must keep to at earlier cut-offs, or it is of low confidence: predicted over actual totals; its
        ranking of customers by spending as a share of the naive one's; the change of its mean since the last run.
    -#}
    {{- return({'ratio_low': 0.8, 'ratio_high': 1.25, 'least_gini_share': 0.95, 'drift': 0.25}) -}}
{% endmacro %}


{% macro forecast_doubts() %}
    {#- Why a forecast is of low confidence: flag of fct_model_check, and the word for it in fct_model_verdict. -#}
    {{- return({
        'is_unchecked': 'unchecked', 'is_long': 'long_horizon', 'is_without_amounts': 'without_amounts', 'is_off_total': 'off_total',
        'is_worse_ranked': 'worse_ranked', 'is_uncalibrated': 'uncalibrated', 'has_drifted': 'drifted'
    }) -}}
{% endmacro %}
