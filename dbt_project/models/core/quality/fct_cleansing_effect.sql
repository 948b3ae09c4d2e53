-- Grain: as_of_date × metric. Today's figures, and what earlier runs recorded of earlier dates.
-- Each figure by record and by customer, and how far their difference would move had other customers come: 200 Poisson
-- replicates in which each group of customers counts as often as its hash says. No random generator and no order of
-- rows is in it, so that the same customers give the same interval. Replicate 0 weighs everybody once.
with weights as (
    select
        groups.customer_group,
        replicates.replicate,
        case
            when replicates.replicate = 0 then 1
            else {{ poisson_weight("groups.customer_group || ':' || cast(replicates.replicate as varchar)") }}
        end as weight
    from (select distinct customer_group from {{ ref('fct_cleansing_sum') }}) as groups
    cross join (select {{ each_number(0, 200) }} as replicate) as replicates
),

resampled as (
    select
        sums.basis,
        weights.replicate
        {%- for name in cleansing_sums() %},
        sum(weights.weight * sums.{{ name }}) as {{ name }}
        {%- endfor %}
    from {{ ref('fct_cleansing_sum') }} as sums
    inner join weights on sums.customer_group = weights.customer_group
    where weights.weight > 0
    group by sums.basis, weights.replicate
),

metrics as (
    {%- for metric, (numerator, denominator) in cleansing_metrics().items() %}
    select
        basis,
        replicate,
        '{{ metric }}' as metric,
        cast({{ numerator }} as decimal(38, 2)) as numerator,
        cast({{ denominator }} as decimal(38, 2)) as denominator,
        {{ rate(numerator, denominator) }} as figure
    from resampled
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

compared as (
    select
        customers.metric,
        customers.replicate,
        records.numerator as by_record_numerator,
        records.denominator as by_record_denominator,
        customers.numerator as by_customer_numerator,
        customers.denominator as by_customer_denominator,
        customers.figure - records.figure as difference
    from metrics as customers
    inner join metrics as records
        on customers.metric = records.metric and customers.replicate = records.replicate and records.basis = 'record'
    where customers.basis = 'customer'
),

intervals as (
    select
        metric,
        {{ percentile_of('difference', 0.025) }} as difference_low,
        {{ percentile_of('difference', 0.975) }} as difference_high
    from compared
    where replicate > 0
    group by metric
)

select
    run.as_of_date,
    cast(compared.metric as varchar) as metric,
    compared.by_record_numerator,
    compared.by_record_denominator,
    compared.by_customer_numerator,
    compared.by_customer_denominator,
    cast(round(intervals.difference_low, 9) as double) as difference_low,
    cast(round(intervals.difference_high, 9) as double) as difference_high
from compared
inner join intervals on compared.metric = intervals.metric
cross join {{ ref('dim_run') }} as run
where compared.replicate = 0

union all

select
    history.as_of_date,
    history.metric,
    history.by_record_numerator,
    history.by_record_denominator,
    history.by_customer_numerator,
    history.by_customer_denominator,
    history.difference_low,
    history.difference_high
from {{ ref('stg_state__cleansing_effect') }} as history
inner join {{ ref('dim_run') }} as run on history.as_of_date < run.as_of_date
