-- Grain: metric × segment × period.
-- One benchmark figure each, so that marts can join it; where two sources give one, the first by name counts.
select
    metric,
    segment,
    period,
    min_by(value, source) as benchmark_value,
    min_by(value_source, source) as value_source
from {{ union_sources('benchmarks') }}
where not is_deleted and metric is not null
group by metric, segment, period
