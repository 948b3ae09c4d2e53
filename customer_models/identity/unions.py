"""Clusters that grow one edge at a time, the strongest first, with refusals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from customer_models.identity.graph import Positions
from customer_models.identity.vetoes import NEVER, Facts, veto, vetoes

TOO_LARGE = "the cluster would be too large"
BETWEEN = "partial name between two customers"
"""Reasons for a refused edge beside those of ``vetoes``."""

FULL, SURNAME_ONLY, NAMELESS = 0, 1, 2
"""How well a record is named. The better named are clustered first; the others never bridge them."""


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


class Unions:
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
