-- Grain: as_of_date × object (source.object): today's counts, and those that earlier runs recorded of earlier dates.
-- Figures of an entity (customers, orders, lines, cases, feedback) stand on the row of the object that its staging
-- model names first. The staged rows of an object are those of the finest model that stages it row by row, unknown
-- where none does.
{% set load_counts = ['received_count', 'rejected_count', 'loaded_count'] -%}
{%- set line_counts = ['line_count', 'orphan_line_count'] -%}
{%- set orphans = {'orphan_case_count': 'cases', 'orphan_feedback_count': 'feedback'} -%}
{%- set order_counts = [
    'order_count', 'invalid_order_count', 'erased_order_count', 'orphan_order_count', 'later_order_count',
    'customer_order_count',
] -%}
{%- set order_amounts = [
    'line_net_amount', 'orphan_line_net_amount', 'header_net_amount', 'order_net_amount', 'invalid_net_amount',
    'erased_net_amount', 'orphan_net_amount', 'later_net_amount', 'net_amount',
] -%}
{%- set figures = load_counts + [
    'raw_count', 'superseded_count', 'staged_count', 'deleted_count', 'staged_customer_count', 'crosswalk_count',
    'staged_order_count',
] + order_counts + ['living_line_count'] + line_counts + orphans | list + order_amounts -%}
with loads as (
    select
        source,
        object,
        {%- for count in load_counts %}
        sum({{ count }}) as {{ count }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('stg_ledger__loads') }}
    where is_in_force
    group by source, object
),

staged as (
    select * from {{ ref('fct_staged_count') }}
),

staged_rows as (
    select
        source,
        object,
        max(staged_count) as staged_count,
        max(deleted_count) as deleted_count
    from staged
    where is_row_by_row
    group by source, object
),

crosswalk as (
    select
        records.source,
        count(*) as crosswalk_count
    from {{ ref('id_crosswalk') }} as crosswalk
    inner join {{ ref('id_record') }} as records on crosswalk.record_key = records.record_key
    group by records.source
),

today as (
    select
        run.as_of_date,
        objects.source || '.' || objects.object as object,
        {%- for count in load_counts %}
        coalesce(loads.{{ count }}, 0) as {{ count }},
        {%- endfor %}
        coalesce(raw_counts.raw_count, 0) as raw_count,
        coalesce(raw_counts.superseded_count, 0) as superseded_count,
        staged_rows.staged_count,
        staged_rows.deleted_count,
        customers.staged_count as staged_customer_count,
        case when customers.source is not null then coalesce(crosswalk.crosswalk_count, 0) end as crosswalk_count,
        orders.staged_count as staged_order_count,
        {%- for figure in order_counts + order_amounts %}
        case when orders.source is not null then coalesce(facts.{{ figure }}, 0) end as {{ figure }},
        {%- endfor %}
        lines.staged_count - lines.deleted_count as living_line_count,
        {%- for figure in line_counts %}
        case when lines.source is not null then coalesce(facts.{{ figure }}, 0) end as {{ figure }},
        {%- endfor %}
        {%- for figure, entity in orphans.items() %}
        case when {{ entity }}.source is not null then coalesce(lost_{{ entity }}.orphan_count, 0) end as {{ figure }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('stg_ledger__objects') }} as objects
    cross join {{ ref('dim_run') }} as run
    left join loads on objects.source = loads.source and objects.object = loads.object
    left join {{ ref('stg_ledger__raw_counts') }} as raw_counts
        on objects.source = raw_counts.source and objects.object = raw_counts.object
    left join staged_rows on objects.source = staged_rows.source and objects.object = staged_rows.object
    {%- for entity in ['customers', 'orders', 'order_lines'] + orphans.values() | list %}
    {%- set alias = entity | replace('order_lines', 'lines') %}
    left join staged as {{ alias }}
        on objects.source = {{ alias }}.source
        and objects.object = {{ alias }}.object
        and {{ alias }}.entity = '{{ entity }}'
    {%- endfor %}
    {%- for entity in orphans.values() %}
    left join {{ ref('fct_orphan') }} as lost_{{ entity }}
        on objects.source = lost_{{ entity }}.source and lost_{{ entity }}.entity = '{{ entity }}'
    {%- endfor %}
    left join crosswalk on objects.source = crosswalk.source
    left join {{ ref('fct_order_reconciliation') }} as facts on objects.source = facts.source
)

select
    as_of_date,
    object,
    {%- for figure in figures %}
    cast({{ figure }} as {{ 'decimal(18, 2)' if figure.endswith('amount') else 'bigint' }}) as {{ figure }}
    {{- ',' if not loop.last }}
    {%- endfor %}
from today

union all

select
    history.as_of_date,
    history.object,
    {%- for figure in figures %}
    history.{{ figure }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('stg_state__reconciliation') }} as history
inner join {{ ref('dim_run') }} as run on history.as_of_date < run.as_of_date
