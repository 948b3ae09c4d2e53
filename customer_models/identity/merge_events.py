"""What happened to customers between two runs: who came, who merged, who split, and what made them."""

import duckdb
import pyarrow as pa

EVENTS = pa.schema(
    [
        ("event", pa.string()),
        ("customer_id", pa.string()),
        ("other_customer_id", pa.string()),
        ("record_count", pa.int64()),
        ("cause", pa.string()),
        ("weight", pa.float64()),
    ]
)

_RECORDS = "new records"
STEWARD = "steward"
EDGE_REFUSED = "edge refused"
NO_EDGE_LEFT = "no edge left"
"""Causes beside the rules of edges."""

_RECORDS = """
    create table record as
    select
        record_key,
        cast(substr(customer_id, 2) as bigint) as customer,
        cast(substr(previous_customer_id, 2) as bigint) as previous
    from assignments
"""

# One row per customer left and customer joined.
_FLOWS = """
    create table flow as
    with counted as (
        select previous, customer, count(*) as record_count
        from record
        where previous <> customer
        group by previous, customer
    ),

    ranked as (
        select *, row_number() over (partition by previous order by record_count desc, customer) as place from counted
    )

    select
        previous,
        customer,
        record_count,
        case
            when previous not in (select customer from record) then if(place = 1, 'merge', 'move')
            when customer in (select previous from record where previous is not null) then 'move'
            when customer <= $highest_number then 'unmerge'
            else 'split'
        end as event
    from ranked
"""

# Only edges at customers that changed: the ends with the customers before and after.
_ENDS = """
    create table ends as
    with changed as (
        select record.*
        from record
        where
            customer in (select customer from flow union all select previous from flow)
            or previous in (select previous from flow)
    ),

    pairs as (
        select left_record_key, right_record_key, rule, weight, false as is_never from edges
        union all
        select left_record_key, right_record_key, 'steward', null, true from never
    ),

    directed as (
        select * from pairs
        union all
        select right_record_key, left_record_key, rule, weight, is_never from pairs
    )

    select
        one.previous,
        one.customer,
        other.previous as other_previous,
        other.customer as other_customer,
        directed.rule,
        directed.weight,
        directed.is_never
    from directed
    inner join changed as one on directed.left_record_key = one.record_key
    inner join changed as other on directed.right_record_key = other.record_key
    where one.previous <> one.customer
"""

_EVENTS = """
    with causes as (
        -- What binds the records that came to the others of the customer they joined.
        select previous, customer, 'joined' as way, rule as cause, weight
        from ends
        where other_customer = customer and other_previous is distinct from previous
        union all
        -- What lies between the records that left and the customer that they left.
        select previous, customer, 'left', if(is_never, 'steward', 'edge refused'), weight
        from ends
        where other_customer = previous
    ),

    strongest as (
        select *
        from causes
        qualify row_number() over (
            partition by previous, customer, way
            order by cause = 'steward' desc, weight desc nulls last, cause nulls last
        ) = 1
    ),

    told as (
        select
            flow.event,
            flow.customer,
            flow.previous as other,
            flow.record_count,
            coalesce(strongest.cause, 'no edge left') as cause,
            strongest.weight
        from flow
        left join strongest
            on
                flow.previous = strongest.previous
                and flow.customer = strongest.customer
                and strongest.way = if(flow.event in ('split', 'unmerge'), 'left', 'joined')
        union all
        select 'create', customer, null, count(*), 'new records', null
        from record
        group by customer
        having count(previous) = 0
    )

    select
        event,
        'C' || customer as customer_id,
        coalesce('C' || other, '') as other_customer_id,
        record_count,
        cause,
        weight
    from told
    order by customer, event, other nulls last
"""


def events(assignments: pa.Table, edges: pa.Table, never: pa.Table, *, highest_number: int) -> pa.Table:
    """What changed per customer since the run before.

    - ``create``: a customer of records that had no id before; ``other`` is empty. Not told: new records of a customer
      that was there.
    - ``merge``: the records of a customer (``other``) whose id nobody holds now came to the customer that took most
      of them (of equals the oldest): its successor.
    - ``move``: records came from another customer, and neither is new: the other one lives on, or most of it went
      elsewhere.
    - ``split``: records left a customer that lives on (``other``) and are a customer of a new id.
    - ``unmerge``: the same, but the id had been given before the last run and nobody's in it: it came back.

    So for every customer and the records that exist now: records before + records of ``merge``, ``move``, ``split``,
    ``unmerge`` in which it is the customer − those in which it is the other + new records = records now.

    Args:
        assignments: schema ``stable_ids.ASSIGNMENTS``: ids of this run beside those of the run before.
        edges: columns ``left_record_key, right_record_key, rule, weight``: this run's pairs that say "the same",
            stewards' ones under the rule ``steward``.
        never: columns ``left_record_key, right_record_key``: pairs that stewards keep apart.
        highest_number: the highest number given before this run.

    Returns:
        Schema ``EVENTS``, in the order of customers. ``cause`` of ``merge`` and ``move``: the rule of the strongest
        edge (``weight``) between the records that came and the customer's others, a steward's before all. Of
        ``split`` and ``unmerge``: ``steward`` if a never pair lies between those that left and the customer they left,
        else ``edge refused`` if edges do (the strongest one's weight), else ``no edge left``.
    """
    with duckdb.connect() as connection:
        connection.register("assignments", assignments)
        connection.register("edges", edges)
        connection.register("never", never)
        connection.execute(_RECORDS)
        connection.execute(_FLOWS, {"highest_number": highest_number})
        connection.execute(_ENDS)
        return connection.sql(_EVENTS).to_arrow_table().cast(EVENTS)
