-- Grain: as_of_date × kind of customer: today's counts, and those that earlier runs recorded of earlier dates.
-- Ids changed are counted over all runs of the date: a second run sees the ids of the first, and must tell the same.
{% set rules = merge_rules() -%}
{%- set record_figures = ['record_count', 'received_row_count', 'key_duplicate_count'] -%}
{%- set estimates = label_estimates() -%}
{%- set customer_figures = ['customer_count', 'residual_duplicate_count', 'suspect_count', 'review_count'] -%}
with history as (
    select * from {{ ref('stg_state__merge_effect') }}
),

survivors as (
    select customer_id, coalesce(kind, 'unknown') as kind from {{ ref('id_survivor') }}
),

records as (
    select
        survivors.kind,
        count(*) as record_count,
        sum(coalesce(raw_rows.row_count, 1)) as received_row_count,
        sum(coalesce(raw_rows.key_duplicate_count, 0)) as key_duplicate_count,
        sum(case when assignments.customer_id <> assignments.previous_customer_id then 1 else 0 end) as changed_id_count
    from {{ ref('id_assignment') }} as assignments
    inner join survivors on assignments.customer_id = survivors.customer_id
    left join {{ ref('stg_ledger__customer_rows') }} as raw_rows on assignments.record_key = raw_rows.record_key
    group by survivors.kind
),

customers as (
    select
        survivors.kind,
        count(*) as customer_count,
        sum(case when doubts.is_residual_duplicate then 1 else 0 end) as residual_duplicate_count,
        sum(case when doubts.is_suspect then 1 else 0 end) as suspect_count,
        sum(case when doubts.is_for_review then 1 else 0 end) as review_count
    from survivors
    left join {{ ref('fct_merge_doubt') }} as doubts on survivors.customer_id = doubts.customer_id
    group by survivors.kind
),

merges as (
    select
        survivors.kind,
        edges.rule,
        count(*) as merged_count
    from {{ ref('id_edge') }} as edges
    inner join {{ ref('id_crosswalk') }} as lefts on edges.left_record_key = lefts.record_key
    inner join {{ ref('id_crosswalk') }} as rights
        on edges.right_record_key = rights.record_key and lefts.customer_id = rights.customer_id
    inner join survivors on lefts.customer_id = survivors.customer_id
    where edges.verdict = 'same'
    group by survivors.kind, edges.rule
)

select
    run.as_of_date,
    cast(records.kind as varchar) as kind,
    {%- for figure in record_figures %}
    cast(records.{{ figure }} as bigint) as {{ figure }},
    {%- endfor %}
    {%- for figure in customer_figures %}
    cast(customers.{{ figure }} as bigint) as {{ figure }},
    {%- endfor %}
    {%- for rule in rules %}
    cast(coalesce({{ rule }}.merged_count, 0) as bigint) as merged_by_{{ rule }}_count,
    {%- endfor %}
    cast(records.changed_id_count + coalesce(earlier.changed_id_count, 0) as bigint) as changed_id_count,
    {%- for estimate in estimates %}
    labels.{{ estimate }}{{ ',' if not loop.last }}
    {%- endfor %}
from records
cross join {{ ref('dim_run') }} as run
cross join {{ ref('fct_label_estimate') }} as labels
inner join customers on records.kind = customers.kind
{%- for rule in rules %}
left join merges as {{ rule }} on records.kind = {{ rule }}.kind and {{ rule }}.rule = '{{ rule }}'
{%- endfor %}
left join history as earlier on records.kind = earlier.kind and run.as_of_date = earlier.as_of_date

union all

select
    history.as_of_date,
    history.kind,
    {%- for figure in record_figures + customer_figures %}
    history.{{ figure }},
    {%- endfor %}
    {%- for rule in rules %}
    history.merged_by_{{ rule }}_count,
    {%- endfor %}
    history.changed_id_count,
    {%- for estimate in estimates %}
    history.{{ estimate }}{{ ',' if not loop.last }}
    {%- endfor %}
from history
inner join {{ ref('dim_run') }} as run on history.as_of_date < run.as_of_date
