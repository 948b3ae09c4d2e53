"""Which records are one customer, given pairs that say so, pairs that must not be, and what speaks against."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components as _components

from customer_models.identity.vetoes import FACTS, NEVER, ORGANISATION, PERSON, Facts, facts_of, veto, vetoes

CLUSTERS = pa.schema([("record_key", pa.string()), ("cluster_key", pa.string())])
REFUSED = pa.schema(
    [
        ("left_record_key", pa.string()),
        ("right_record_key", pa.string()),
        ("rule", pa.string()),
        ("weight", pa.float64()),
        ("reason", pa.string()),
    ]
)
RECORD_COLUMNS = ("record_key", *FACTS.names)
"""What ``resolve`` reads of ``id_record``."""

TOO_LARGE = "the cluster would be too large"
BETWEEN = "partial name between two customers"
"""Reasons for a refused edge beside those of ``vetoes``."""

FULL, SURNAME_ONLY, NAMELESS = 0, 1, 2
"""How well a record is named. The better named are clustered first; the others never bridge them."""

Positions = npt.NDArray[np.int64]
"""Records as positions in the order of their keys, so that the smaller position is the smaller key."""


@dataclass(frozen=True)
class Resolution:
    """``clusters``: schema ``CLUSTERS``, every record once. ``refused``: schema ``REFUSED``, edges that do not hold."""

    clusters: pa.Table
    refused: pa.Table


def connected_components(records: pa.Table, edges: pa.Table) -> pa.Table:
    """The connected components of an undirected graph of records.

    Args:
        records: column ``record_key`` (text, unique), one row per record.
        edges: columns ``left_record_key, right_record_key``, any number of rows, each key a record.

    Returns:
        Schema ``CLUSTERS``, one row per record in the order of record keys; ``cluster_key`` is the component's
        smallest record key (by code point), so the result does not depend on the order of rows or edges.

    Raises:
        ValueError: an edge names a record that does not exist.
    """
    keys = _Keys(records)
    left, right = keys.pairs(edges)
    return keys.clusters(_labels(len(keys.sorted), left, right))


def resolve(
    records: pa.Table, edges: pa.Table, never: pa.Table, force: pa.Table, *, largest_cluster: int
) -> Resolution:
    """Clusters of records that hold no two records between which there is a veto.

    Components without any possible conflict are taken whole. Inside the others:

    1. What stewards force together is one, against every veto but a steward's never and against the size. Between the
       records of such a cluster a veto counts no more if it lies between the forced records themselves.
    2. Records with a full name: edges by weight, the strongest first, then by keys. An edge unites the clusters of its
       ends unless there is a veto between any two of their records, or together they hold more than
       ``largest_cluster`` records.
    3. Records with a surname only, then records without a name: they are grouped among themselves in the same way,
       and a group joins the cluster of better named records it has edges to, if exactly one of those clusters is
       possible. Between two it stays apart, so it never bridges.

    Args:
        records: columns ``RECORD_COLUMNS``, others are ignored; ``record_key`` unique.
        edges: columns ``left_record_key, right_record_key, rule, weight``: pairs that say "the same".
        never: columns ``left_record_key, right_record_key``: pairs that stewards keep apart.
        force: the same columns: pairs that stewards put together. Of both, pairs with a record that does not exist
            are ignored: a decision outlives its records.
        largest_cluster: most records of a cluster, unless stewards force more.

    Returns:
        Clusters in the order of record keys. Refused: the edges whose records are in two clusters, with the reason,
        in the order of keys and rules. Neither depends on the order of rows.

    Raises:
        ValueError: an edge names a record that does not exist, or has no weight.
    """
    keys = _Keys(records)
    records = records.select(RECORD_COLUMNS)
    left, right = keys.pairs(edges)
    weight = _weights(edges)
    forced, barred = keys.known_pairs(force), keys.known_pairs(never)
    labels = _labels(len(keys.sorted), np.concatenate([left, forced[0]]), np.concatenate([right, forced[1]]))
    # A barred pair matters within a component only.
    barred = barred[:, labels[barred[0]] == labels[barred[1]]]

    tied = np.flatnonzero(np.bincount(labels)[labels] > 1)
    columns = _Columns(keys.take(records, tied), labels[tied])
    doubtful = np.zeros(len(labels), dtype=bool)
    doubtful[labels[np.concatenate([forced[0], barred[0]])]] = True
    doubtful[columns.conflicted(_within(tied, len(labels), left, right), largest_cluster)] = True

    nodes = np.flatnonzero(doubtful[labels])
    rows = np.flatnonzero(doubtful[labels[left]])
    rows = rows[np.lexsort((right[rows], left[rows], -weight[rows]))]
    unions = _Unions(facts_of(keys.take(records, nodes)), columns.tiers[np.searchsorted(tied, nodes)], largest_cluster)
    unions.bar(_pairs(_within(nodes, len(labels), *barred)))
    unions.force(_pairs(_within(nodes, len(labels), *forced)))
    unions.unite(_pairs(_within(nodes, len(labels), left[rows], right[rows])))

    labels[nodes] = len(labels) + unions.roots()
    apart = labels[left[rows]] != labels[right[rows]]
    reasons = pa.array(unions.reasons, pa.string()).filter(pa.array(apart))
    rows = rows[apart]
    return Resolution(keys.clusters(labels), keys.refused(edges.take(pa.array(rows)), left[rows], right[rows], reasons))


def _labels(count: int, left: Positions, right: Positions) -> Positions:
    """The number of its component for each of ``count`` nodes."""
    if count == 0:
        return np.empty(0, dtype=np.int64)
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    return np.asarray(_components(graph, directed=False)[1], dtype=np.int64)


def _weights(edges: pa.Table) -> npt.NDArray[np.float64]:
    weights = np.asarray(pc.fill_null(edges["weight"].cast(pa.float64()), np.nan).to_numpy(), dtype=np.float64)
    if missing := int(np.isnan(weights).sum()):
        raise ValueError(f"{missing} edges have no weight")
    return weights


def _within(nodes: Positions, count: int, *positions: Positions) -> list[Positions]:
    """Positions (of ``count``) as places within ``nodes``; the first place where they are not among them."""
    # An edge from a lone record to itself is the only one whose ends may be missing: harmless at any place.
    places = np.zeros(count, dtype=np.int64)
    places[nodes] = np.arange(len(nodes))
    return [places[each] for each in positions]


def _pairs(sides: Sequence[Positions]) -> list[tuple[int, int]]:
    left, right = (side.tolist() for side in sides)
    return list(zip(left, right, strict=True))


class _Keys:
    """Record keys in their order, by code point, and tables of pairs as positions in it."""

    def __init__(self, records: pa.Table) -> None:
        self._keys = pc.cast(records["record_key"], pa.string()).combine_chunks()
        self._order = np.asarray(pc.sort_indices(self._keys).to_numpy(), dtype=np.int64)
        self._rank = np.empty_like(self._order)
        self._rank[self._order] = np.arange(len(self._order))
        self.sorted = self._keys.take(pa.array(self._order))

    def take(self, records: pa.Table, positions: Positions) -> pa.Table:
        """The rows of ``records`` at these positions."""
        return records.take(pa.array(self._order[positions]))

    def pairs(self, table: pa.Table) -> tuple[Positions, Positions]:
        """Both ends of each pair, the smaller first. Raises ValueError where a record does not exist."""
        ends = self._ends(table)
        if missing := int((ends < 0).sum()):
            raise ValueError(f"{missing} ends of edges name a record that does not exist")
        return ends.min(axis=0), ends.max(axis=0)

    def known_pairs(self, table: pa.Table) -> Positions:
        """Both ends (2 × pairs) of each pair of two different records that exist, once, in their order."""
        ends = np.sort(self._ends(table), axis=0)
        ends = ends[:, (ends[0] >= 0) & (ends[0] != ends[1])]
        return np.unique(ends, axis=1) if ends.size else ends

    def clusters(self, labels: Positions) -> pa.Table:
        """Schema ``CLUSTERS`` for a cluster's number per position, named after its first record."""
        _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
        return pa.table([self.sorted, self.sorted.take(pa.array(first[inverse], pa.int64()))], schema=CLUSTERS)

    def refused(self, edges: pa.Table, left: Positions, right: Positions, reasons: pa.Array) -> pa.Table:
        """Schema ``REFUSED`` for edges, their ends and their reasons, in the order of keys and rules."""
        ends = [self.sorted.take(pa.array(side)) for side in (left, right)]
        refused = pa.table([*ends, edges["rule"], edges["weight"], reasons], names=REFUSED.names).cast(REFUSED)
        return refused.sort_by([(name, "ascending") for name in REFUSED.names])

    def _ends(self, table: pa.Table) -> Positions:
        """2 × pairs, -1 where a record does not exist."""
        if table.num_rows == 0 or len(self._rank) == 0:
            return np.full((2, table.num_rows), -1, dtype=np.int64)
        columns = [table[f"{side}_record_key"].cast(pa.string()) for side in ("left", "right")]
        both = pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string())
        found = pc.fill_null(pc.index_in(both, value_set=self._keys), -1).to_numpy().astype(np.int64)
        ends: Positions = np.where(found < 0, -1, self._rank[found]).reshape(2, table.num_rows)
        return ends


class _Columns:
    """Records of components with more than one record, as numbers: finds the components that may hold a conflict."""

    def __init__(self, records: pa.Table, labels: Positions) -> None:
        self._records = records.select(FACTS.names).cast(FACTS).combine_chunks()
        self._labels = labels
        partial = pc.fill_null(records["is_name_partial"], True).to_numpy()
        nameless = pc.is_null(records["surname_pinyin"]).to_numpy()
        self.tiers = np.where(~partial, FULL, np.where(nameless, NAMELESS, SURNAME_ONLY))
        self._order = np.argsort(labels, kind="stable")
        sorted_labels = labels[self._order]
        self._starts = np.flatnonzero(np.diff(sorted_labels, prepend=-1))
        self._components = sorted_labels[self._starts]

    def conflicted(self, edges: Sequence[Positions], largest_cluster: int) -> Positions:
        """Numbers of the components that may hold a veto, a bridge of partial names or too many records.

        Every component with a conflict is among them; for all others taking them whole is what uniting their edges
        one by one would give.
        """
        if not len(self._components):
            return self._components
        partial = self._reduce(np.maximum, self.tiers) > FULL
        sizes = np.diff(self._starts, append=len(self._labels))
        found = (
            self._several("name_pinyin")
            | self._several("uscc_key")
            | self._several("store_token")
            | self._several("party", among=[PERSON, ORGANISATION])
            | (self._several("birth_key") & self._several("given_key"))
            | (self._several("surname_pinyin") & partial)
            | (self._bridged(*edges) & partial)
            | (sizes > largest_cluster)
        )
        return self._components[found]

    def _several(self, column: str, among: Sequence[str] | None = None) -> npt.NDArray[np.bool_]:
        """Per component, whether it holds more than one known value of the column."""
        values = self._records[column].combine_chunks()
        codes = pc.index_in(values, pa.array(among)) if among else values.dictionary_encode().indices
        known = pc.fill_null(codes, -1).to_numpy().astype(np.int64)
        largest = self._reduce(np.maximum, known)
        smallest = self._reduce(np.minimum, np.where(known < 0, np.iinfo(np.int64).max, known))
        several: npt.NDArray[np.bool_] = (largest >= 0) & (largest != smallest)
        return several

    def _bridged(self, left: Positions, right: Positions) -> npt.NDArray[np.bool_]:
        """Per component, whether its best named records need worse named ones to be one, or three tiers meet."""
        best = np.empty(len(self._labels), dtype=np.int64)
        best[self._order] = np.repeat(self._reduce(np.minimum, self.tiers), np.diff(self._starts, append=len(best)))
        of_best = self.tiers == best
        inside = of_best[left] & of_best[right]
        parts = _labels(len(best), left[inside], right[inside])
        largest = self._reduce(np.maximum, np.where(of_best, parts, -1))
        smallest = self._reduce(np.minimum, np.where(of_best, parts, len(best)))
        tiers = sum(self._reduce(np.maximum, self.tiers == tier).astype(np.int64) for tier in range(3))
        return np.asarray((largest != smallest) | (tiers > 2))

    def _reduce(self, function: np.ufunc, values: npt.NDArray[np.generic]) -> npt.NDArray[np.int64]:
        return np.asarray(function.reduceat(values[self._order], self._starts))


@dataclass(slots=True)
class _Cluster:
    """What a cluster's records hold, each distinct thing once."""

    facts: list[Facts]
    size: int = 1
    named: frozenset[int] = frozenset()
    """Records that a never pair names."""
    barred: frozenset[int] = frozenset()
    """Records that must not join."""
    forced: tuple[tuple[Facts, ...], ...] = ()
    """Groups that stewards have put together."""

    def absorb(self, other: "_Cluster") -> None:
        self.facts += [facts for facts in other.facts if facts not in self.facts]
        self.size += other.size
        if other.named:
            self.named |= other.named
            self.barred |= other.barred
        if other.forced:
            self.forced += other.forced


class _Unions:
    """Clusters of records 0 … n - 1, united one edge at a time: Kruskal's order, with refusals."""

    def __init__(self, facts: Sequence[Facts], tiers: Positions, largest_cluster: int) -> None:
        self._parents = list(range(len(facts)))
        self._clusters = [_Cluster([one]) for one in facts]
        self._tiers: list[int] = tiers.tolist()
        self._largest = largest_cluster
        self.reasons: list[str | None] = []
        """Per edge of ``unite``, why it was refused."""

    def bar(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Keep each pair apart."""
        for pair in pairs:
            for one, other in permutations(pair):
                self._clusters[one].named |= {one}
                self._clusters[one].barred |= {other}

    def force(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Put each pair together unless it is barred. What is forced is as well named as its best record."""
        groups: dict[int, list[int]] = {}
        for left, right in pairs:
            roots = self._find(left), self._find(right)
            if roots[0] == roots[1] or _are_barred(self._clusters[roots[0]], self._clusters[roots[1]]):
                continue
            members = [*groups.pop(roots[0], [roots[0]]), *groups.pop(roots[1], [roots[1]])]
            groups[self._merge(*roots)] = members
        for root, members in groups.items():
            self._clusters[root].forced = (tuple(self._clusters[root].facts),)
            best = min(self._tiers[member] for member in members)
            for member in members:
                self._tiers[member] = best

    def unite(self, edges: Sequence[tuple[int, int]]) -> None:
        """Unite along edges, the strongest first, one tier of names after the other."""
        self.reasons = [None] * len(edges)
        within: tuple[list[int], ...] = ([], [], [])
        across: tuple[list[int], ...] = ([], [], [])
        for number, (left, right) in enumerate(edges):
            tiers = self._tiers[left], self._tiers[right]
            (within if tiers[0] == tiers[1] else across)[max(tiers)].append(number)
        for tier in (FULL, SURNAME_ONLY, NAMELESS):
            for number in within[tier]:
                self.reasons[number] = self._try(*edges[number])
            self._attach(edges, across[tier], tier)

    def roots(self) -> Positions:
        """For each record a record that stands for its cluster."""
        return np.fromiter(map(self._find, range(len(self._parents))), dtype=np.int64, count=len(self._parents))

    def _attach(self, edges: Sequence[tuple[int, int]], numbers: Sequence[int], tier: int) -> None:
        """Each group of the tier joins the one better named cluster that its edges lead to and that is possible."""
        neighbours: dict[int, dict[int, list[int]]] = {}
        for number in numbers:
            left, right = edges[number]
            group, better = (left, right) if self._tiers[left] == tier else (right, left)
            neighbours.setdefault(self._find(group), {}).setdefault(self._find(better), []).append(number)
        choices = []
        # All are judged before any joins, so that none is judged by another's choice.
        for group, clusters in neighbours.items():
            vetoed = {root: self._veto(self._clusters[group], self._clusters[root]) for root in clusters}
            possible = [root for root, reason in vetoed.items() if reason is None]
            if len(possible) == 1:
                choices.append((group, possible[0]))
            for root, refused in clusters.items():
                for number in refused:
                    self.reasons[number] = vetoed[root] or BETWEEN
        for group, root in choices:
            reason = self._try(group, root)
            for number in neighbours[group][root]:
                self.reasons[number] = reason

    def _try(self, left: int, right: int) -> str | None:
        """Unite the clusters of two records, or say why not."""
        one, other = self._find(left), self._find(right)
        if one == other:
            return None
        clusters = self._clusters[one], self._clusters[other]
        if clusters[0].size + clusters[1].size > self._largest:
            return TOO_LARGE
        reason = self._veto(*clusters)
        if reason is None:
            self._merge(one, other)
        return reason

    def _veto(self, one: _Cluster, other: _Cluster) -> str | None:
        if _are_barred(one, other):
            return NEVER
        forced = one.forced + other.forced
        for left in one.facts:
            for right in other.facts:
                reason = veto(left, right)
                if reason is not None and not any(_lifts(group, left, right) for group in forced):
                    return reason
        return None

    def _merge(self, one: int, other: int) -> int:
        if self._clusters[one].size < self._clusters[other].size:
            one, other = other, one
        self._clusters[one].absorb(self._clusters[other])
        self._clusters[other] = self._clusters[one]
        self._parents[other] = one
        return one

    def _find(self, record: int) -> int:
        parents = self._parents
        while parents[record] != record:
            parents[record] = parents[parents[record]]
            record = parents[record]
        return record


def _are_barred(one: _Cluster, other: _Cluster) -> bool:
    return bool(one.barred) and not one.barred.isdisjoint(other.named)


def _lifts(group: Sequence[Facts], left: Facts, right: Facts) -> bool:
    """Whether a forced group says that this veto does not count: it holds two like these, with every veto of theirs."""
    reasons = set(vetoes(left, right))
    return any(
        veto(left, one) is None and veto(right, other) is None and reasons <= set(vetoes(one, other))
        for one, other in permutations(group, 2)
    )
