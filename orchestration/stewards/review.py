"""``liucun review``: pairs of customers that may be one and wait for somebody's word, by what is at stake."""

from dataclasses import dataclass
from decimal import Decimal

import duckdb
import pyarrow as pa

from orchestration.folders import Folders
from orchestration.stewards import overrides
from orchestration.stewards.reading import (
    EDGE,
    Edge,
    Record,
    known_on_of,
    net_amounts,
    of_another_day,
    people_of,
    private_warehouse,
    records_of,
    weighing_of,
)
from orchestration.stewards.refusals import refusal
from orchestration.stewards.show import View, spaced, vetoes_between

# Edges that name one customer are no question; of two customers the strongest edge asks it.
_QUEUE = f"""
    with edges as (
        select
            edges.*,
            least(lefts.customer_id, rights.customer_id) as one,
            greatest(lefts.customer_id, rights.customer_id) as other
        from identity.id_edge as edges
        inner join identity.id_crosswalk as lefts on edges.left_record_key = lefts.record_key
        inner join identity.id_crosswalk as rights on edges.right_record_key = rights.record_key
        where lefts.customer_id <> rights.customer_id and edges.verdict in ('same', 'review')
    ),

    decided as (
        select
            least(lefts.customer_id, rights.customer_id) as one,
            greatest(lefts.customer_id, rights.customer_id) as other
        from decided_pairs
        inner join identity.id_crosswalk as lefts on decided_pairs.left_record_key = lefts.record_key
        inner join identity.id_crosswalk as rights on decided_pairs.right_record_key = rights.record_key
    ),

    strongest as (
        select *
        from edges
        anti join decided using (one, other)
        qualify row_number() over (
            partition by one, other
            order by weight desc, left_record_key, right_record_key, rule
        ) = 1
    )

    select {EDGE}, edges.one, edges.other
    from strongest as edges
"""


@dataclass(frozen=True)
class Question:
    """Two customers and the strongest edge between them; ``value_at_stake``: net amount of the orders of both."""

    edge: Edge
    value_at_stake: Decimal
    refusal: str | None


@dataclass(frozen=True)
class _Queue:
    questions: list[Question]
    count: int
    records: dict[str, Record]


def review(folders: Folders, limit: int, view: View, currency: str, largest_cluster: int) -> list[str]:
    """The questions that are worth most, and the commands that answer them.

    Raises:
        BadInput: there is no warehouse yet, or the file of decisions cannot be used.
        LockHeld: a run is at work.
    """
    with private_warehouse(folders) as con:
        notice = of_another_day(con, folders)
        queue = _queue(con, folders, limit, largest_cluster)
        weighing = weighing_of(con, (key for question in queue.questions for key in question.edge.pair))
    explained = weighing.explain([question.edge.pair for question in queue.questions])
    blocks = []
    for number, question in enumerate(queue.questions, start=1):
        left, right = (queue.records[key] for key in question.edge.pair)
        title = f"{number} of {queue.count:,}  {left.customer} and {right.customer}"
        block = [
            f"{title}, {question.value_at_stake:,.2f} {currency} at stake",
            f"  edge      {view.edge(question.edge)}",
        ]
        if question.refusal:
            block.append(f"  refused   {question.refusal}")
        block += view.side_by_side(left, right, explained.get(question.edge.pair))
        block.append(f"  vetoes    {vetoes_between(left.facts, right.facts)}")
        blocks.append([*block, *view.decisions(left.key, right.key)])
    return [*notice, *(spaced(blocks) or ["no question is open"])]


def _queue(con: duckdb.DuckDBPyConnection, folders: Folders, limit: int, largest_cluster: int) -> _Queue:
    rows = overrides.in_force(overrides.read_overrides(folders.overrides), known_on_of(con))
    columns = [pa.array([pair[side] for pair in rows], pa.string()) for side in (0, 1)]
    con.register("decided_pairs", pa.table(columns, names=["left_record_key", "right_record_key"]))
    found = [(Edge(*row[:6]), row[6], row[7]) for row in con.execute(_QUEUE).fetchall()]
    con.unregister("decided_pairs")
    amounts = net_amounts(con, {customer for _, *both in found for customer in both})
    zero = Decimal(0)
    ranked = sorted(
        ((edge, amounts.get(one, zero) + amounts.get(other, zero)) for edge, one, other in found),
        key=lambda item: (-item[1], -item[0].weight, item[0].pair),
    )[:limit]
    people = people_of(con, (key for edge, _ in ranked for key in edge.pair))
    members = {key: people.records[people.customers[key]] for edge, _ in ranked for key in edge.pair}
    records = records_of(con, (key for keys in members.values() for key in keys))
    questions = [
        Question(edge, value, refusal(edge, records, members, largest_cluster) if edge.verdict == "same" else None)
        for edge, value in ranked
    ]
    return _Queue(questions, len(found), records)
