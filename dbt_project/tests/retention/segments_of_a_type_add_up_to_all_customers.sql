-- Every type cuts the same customers: S, E, N, R, X, L and those who ever purchased. Weeks have no tiers.
{%- set counts = retention_counts() + ['ever_purchased_count'] %}
with types as (
    select
        period_grain,
        period_start,
        segment_type,
        {%- for count in counts %}
        sum({{ count }}) as {{ count }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('mart_retention_period') }}
    group by period_grain, period_start, segment_type
)

select
    types.period_grain,
    types.period_start,
    types.segment_type
from types
inner join types as everyone
    on types.period_grain = everyone.period_grain
    and types.period_start = everyone.period_start
    and everyone.segment_type = 'all'
where
    {%- for count in counts %}
    {{ 'or ' if not loop.first }}types.{{ count }} <> everyone.{{ count }}
    {%- endfor %}
