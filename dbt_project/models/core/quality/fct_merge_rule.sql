-- Grain: what puts records together. Today's merged pairs beside those of the last date before it.
-- A rule that suddenly finds twice as many pairs, or hardly any, has met a new kind of value: a placeholder, a format.
-- Few pairs prove nothing: without a hundred of them before or now there is no ratio. Nor is there one of what stewards
-- decided: they may decide much in a day, and take it back.
with rules as (
    {%- for rule in merge_rules() %}
    select
        '{{ rule }}' as rule,
        as_of_date,
        merged_by_{{ rule }}_count as pair_count
    from {{ ref('fct_merge_effect') }}
    {{- '\n\n    union all\n' if not loop.last }}
    {%- endfor %}
),

daily as (
    select rule, as_of_date, sum(pair_count) as pair_count
    from rules
    group by rule, as_of_date
),

before as (
    select
        daily.rule,
        max_by(daily.pair_count, daily.as_of_date) as pair_count
    from daily
    inner join {{ ref('dim_run') }} as run on daily.as_of_date < run.as_of_date
    group by daily.rule
)

select
    daily.rule,
    cast(daily.pair_count as bigint) as pair_count,
    cast(before.pair_count as bigint) as previous_pair_count,
    case
        when daily.rule <> 'steward' and greatest(daily.pair_count, before.pair_count) >= 100
            then {{ rate('daily.pair_count', 'before.pair_count') }}
    end as pair_ratio
from daily
inner join {{ ref('dim_run') }} as run on daily.as_of_date = run.as_of_date
left join before on daily.rule = before.rule
