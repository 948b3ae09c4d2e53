"""``liucun why``: what makes records one customer, or keeps them apart."""

from collections.abc import Iterable, Mapping, Sequence

import duckdb

from orchestration.errors import BadInput
from orchestration.folders import Folders
from orchestration.stewards import masking, overrides
from orchestration.stewards.overrides import Override
from orchestration.stewards.people import People
from orchestration.stewards.reading import (
    Edge,
    Pair,
    Record,
    edges_where,
    known_on_of,
    of_another_day,
    people_of,
    private_warehouse,
    records_of,
    weighing_of,
)
from orchestration.stewards.refusals import first_veto, refusal
from orchestration.stewards.sheet import ordered
from orchestration.stewards.show import View, vetoes_between

_INSIDE = (
    "edges.left_record_key in (select record_key from wanted_keys) "
    "and edges.right_record_key in (select record_key from wanted_keys)"
)
_TOUCHING = _INSIDE.replace(" and ", " or ")
_MOST = 20


def why(folders: Folders, texts: Sequence[str], view: View, largest_cluster: int) -> list[str]:
    """Why two records are one customer or two; of one record, what holds it where it is.

    Args:
        folders: the warehouse's.
        texts: one or two record keys or customer ids.
        view: how to show values.
        largest_cluster: the warehouse's bound for a customer's records.

    Raises:
        BadInput: a record does not exist, or there is no warehouse yet.
        LockHeld: a run is at work.
    """
    decisions = overrides.read_overrides(folders.overrides)
    with private_warehouse(folders) as con:
        people = people_of(con, texts)
        keys = sorted({people.record(text, "why") for text in texts})
        known_on, notice = known_on_of(con), of_another_day(con, folders)
        if len(keys) == 1:
            if len(texts) == 2:
                raise BadInput(f"why: {texts[0]} and {texts[1]} are one record, {keys[0]}: expected two, or one alone")
            return [*notice, *_Lone(con, people, keys[0]).lines(view)]
        both = _Both(con, people, ordered(*keys))
    return [*notice, *both.lines(view, overrides.in_force(decisions, known_on), largest_cluster)]


class _Both:
    """Two records, their customers' records, and the edges among all of these."""

    def __init__(self, con: duckdb.DuckDBPyConnection, people: People, pair: Pair) -> None:
        self._pair = pair
        self._members = {key: people.records[people.customers[key]] for key in pair}
        keys = {key for group in self._members.values() for key in group}
        self._records = records_of(con, keys)
        self._edges = edges_where(con, _INSIDE, keys)
        self._weighing = weighing_of(con, pair)

    def lines(self, view: View, decisions: Mapping[Pair, Override], largest_cluster: int) -> list[str]:
        left, right = (self._records[key] for key in self._pair)
        direct = [edge for edge in self._edges if edge.pair == self._pair]
        lines = [_headline(left, right)]
        lines += view.side_by_side(left, right, self._weighing.explain([self._pair]).get(self._pair))
        lines += [f"  edge      {view.edge(edge)}" for edge in direct] or ["  edge      none between these two"]
        lines.append(f"  vetoes    {vetoes_between(left.facts, right.facts)}")
        if left.customer != right.customer:
            lines += self._apart(direct, view, largest_cluster)
        elif not any(edge.verdict == "same" for edge in direct):
            lines += self._path(view)
        if word := decisions.get(self._pair):
            lines.append(f"  decided   {_told(word, view)}")
        return [*lines, *view.decisions(*self._pair)]

    def _path(self, view: View) -> list[str]:
        path = widest_path((edge for edge in self._edges if edge.verdict == "same"), *self._pair)
        lines, at = [f"  path      {len(path)} edges through other records:"], self._pair[0]
        for edge in path:
            other = edge.right if edge.left == at else edge.left
            lines.append(f"            {view.summary(self._records[at])}")
            lines.append(f"              | {view.edge(edge)}")
            at = other
        return [*lines, f"            {view.summary(self._records[at])}"] if path else []

    def _apart(self, direct: Sequence[Edge], view: View, largest_cluster: int) -> list[str]:
        ours, theirs = (self._members[key] for key in self._pair)
        across = [edge for edge in self._edges if len({self._records[key].customer for key in edge.pair}) == 2]
        lines = []
        for edge in across[:_MOST]:
            if edge not in direct:
                lines.append(f"  beside    {edge.left} and {edge.right}: {view.edge(edge)}")
        same = [edge for edge in across if edge.verdict == "same"]
        never = [edge for edge in across if edge.verdict == "never"]
        found = first_veto(self._records, [(one, other) for one in ours for other in theirs])
        if never:
            lines.append(f"  so        a steward keeps {never[0].left} and {never[0].right} apart")
        elif same:
            members = {key: ours if key in ours else theirs for key in (*ours, *theirs)}
            lines.append(f"  so        refused: {refusal(same[0], self._records, members, largest_cluster)}")
        elif across:
            lines.append(f"  so        too weak to decide alone: `{view.command('review')}` asks a steward")
        elif found:
            reason, (one, other) = found
            lines.append(f"  so        no edge says that they are one; besides, {reason} ({one} and {other})")
        else:
            lines.append("  so        no edge says that they are one")
        return lines


class _Lone:
    """One record, the others of its customer, and the edges that touch it."""

    def __init__(self, con: duckdb.DuckDBPyConnection, people: People, key: str) -> None:
        self._key = key
        self._customer = people.customers[key]
        self._edges = edges_where(con, _TOUCHING, [key])
        others = {end for edge in self._edges for end in edge.pair}
        self._records = records_of(con, {*people.records[self._customer], *others})

    def lines(self, view: View) -> list[str]:
        """The record, its customer, and where its edges lead."""
        members = [record for record in self._records.values() if record.customer == self._customer]
        count = f"{len(members)} records" if len(members) > 1 else "1 record"
        lines = [f"{self._key} is of {self._customer}, which has {count}:"]
        lines += [f"  {view.summary(record)}" for record in sorted(members, key=lambda record: record.key)]
        inside = [edge for edge in self._edges if self._is_inside(edge) and edge.verdict == "same"]
        outside = [edge for edge in self._edges if not self._is_inside(edge)]
        lines += self._told("edges that hold it there", inside, view)
        return [*lines, *self._told("edges to other customers, which did not hold", outside, view)]

    def _is_inside(self, edge: Edge) -> bool:
        return all(self._records[key].customer == self._customer for key in edge.pair)

    def _told(self, title: str, edges: Sequence[Edge], view: View) -> list[str]:
        lines = [f"{title}:"] if edges else []
        for edge in edges[:_MOST]:
            other = self._records[edge.right if edge.left == self._key else edge.left]
            where = "" if other.customer == self._customer else f" of {other.customer}"
            lines.append(f"  {other.key}{where}: {view.edge(edge)}")
        return [*lines, f"  and {len(edges) - _MOST} more"] if len(edges) > _MOST else lines


def _headline(left: Record, right: Record) -> str:
    if left.customer == right.customer:
        return f"{left.key} and {right.key} are one customer: {left.customer}"
    return f"{left.key} and {right.key} are two customers: {left.customer} and {right.customer}"


def _told(word: Override, view: View) -> str:
    reason = word.reason if view.is_open else masking.free_text(word.reason)
    until = f", until {word.until}" if word.until else ""
    return f"{word.decision} by {word.decided_by} on {word.decided_at:%Y-%m-%d}{until}: {reason}"


def widest_path(edges: Iterable[Edge], start: str, end: str) -> list[Edge]:
    """The path whose weakest edge is the strongest; of these the one with the fewest edges. Empty if there is none.

    Args:
        edges: of one pair several may be given; the strongest of them counts.
        start: record key.
        end: another one.
    """
    ranked = sorted(edges, key=lambda edge: (-edge.weight, edge.pair, edge.rule))
    parents: dict[str, str] = {}

    def root(key: str) -> str:
        while (parent := parents.setdefault(key, key)) != key:
            parents[key] = key = parents[parent]
        return key

    allowed: list[Edge] = []
    for edge in ranked:
        if root(start) == root(end) and edge.weight < allowed[-1].weight:
            break
        allowed.append(edge)
        parents[root(edge.left)] = root(edge.right)
    return _shortest(allowed, start, end)


def _shortest(edges: Sequence[Edge], start: str, end: str) -> list[Edge]:
    leading: dict[str, list[tuple[str, Edge]]] = {}
    for edge in edges:
        leading.setdefault(edge.left, []).append((edge.right, edge))
        leading.setdefault(edge.right, []).append((edge.left, edge))
    came_by: dict[str, tuple[str, Edge] | None] = {start: None}
    waiting = [start]
    for key in waiting:
        for other, edge in leading.get(key, ()):
            if other not in came_by:
                came_by[other] = key, edge
                waiting.append(other)
    path: list[Edge] = []
    while (step := came_by.get(end)) is not None:
        end = step[0]
        path.append(step[1])
    return path[::-1]
