"""How well a clustering agrees with the truth, counted in pairs of records."""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class PairwiseScore:
    """Pairs of records: of one true entity, of one found cluster, and of both. A rate is None without pairs.

    Precision, recall and F1 as in Menestrina, Whang and Garcia-Molina, "Evaluating entity resolution results" (2010).
    """

    true_pairs: int
    found_pairs: int
    shared_pairs: int

    @property
    def precision(self) -> float | None:
        """Share of the found pairs that are true."""
        return self.shared_pairs / self.found_pairs if self.found_pairs else None

    @property
    def recall(self) -> float | None:
        """Share of the true pairs that were found."""
        return self.shared_pairs / self.true_pairs if self.true_pairs else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both: 2 · shared / (true + found)."""
        pairs = self.true_pairs + self.found_pairs
        return 2 * self.shared_pairs / pairs if pairs else None


def pairwise(truth: Mapping[str, Hashable], found: Mapping[str, Hashable]) -> PairwiseScore:
    """Scores ``found`` (record → cluster) against ``truth`` (record → entity), on the records of both.

    Counts groups, not pairs: linear in the number of records.
    """
    records = truth.keys() & found.keys()
    true = Counter(truth[record] for record in records)
    clusters = Counter(found[record] for record in records)
    both = Counter((truth[record], found[record]) for record in records)
    return PairwiseScore(*(sum(n * (n - 1) // 2 for n in groups.values()) for groups in (true, clusters, both)))
