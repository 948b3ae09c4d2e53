-- Grain: order whose facts this run must restate.
-- Incremental facts replace exactly these orders: those with a row in a load that the facts do not hold yet, those
-- deleted (a snapshot deletes by leaving out), and the originals that their return lines name now or named before.
-- Built from nothing, the facts take every order and need no list.
-- depends_on: {{ ref('stg_ledger__loads') }}
{% set orders_now = union_sources('orders') -%}
{% set lines_now = union_sources('order_lines') -%}
{% set lines_before = load_relation(this.incorporate(path={'identifier': 'fct_order_line'})) if execute else none -%}
{% if lines_before and not flags.FULL_REFRESH -%}
with new_loads as (
    select load_id from {{ ref('stg_ledger__loads') }} where is_in_force and not is_held_by_facts
),

changed as (
    select source || ':' || order_id as order_key
    from {{ orders_now }} as orders
    where is_deleted or _load_id in (select load_id from new_loads)
    union
    select source || ':' || order_id as order_key
    from {{ lines_now }} as order_lines
    where is_deleted or _load_id in (select load_id from new_loads)
),

originals as (
    select order_lines.source || ':' || order_lines.original_order_id as order_key
    from {{ lines_now }} as order_lines
    inner join changed on order_lines.source || ':' || order_lines.order_id = changed.order_key
    where order_lines.original_order_id is not null
    union
    select order_lines.original_order_key as order_key
    from {{ lines_before }} as order_lines
    inner join changed on order_lines.order_key = changed.order_key
    where order_lines.original_order_key is not null
)

select order_key from changed
union
select order_key from originals
{%- else -%}
select cast(null as varchar) as order_key
from {{ ref('stg_ledger__loads') }}
where false
{%- endif %}
