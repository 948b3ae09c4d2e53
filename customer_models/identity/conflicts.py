"""Which components of records may hold a conflict: all others are customers as they are."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from customer_models.identity.graph import Positions, components
from customer_models.identity.unions import FULL, NAMELESS, SURNAME_ONLY
from customer_models.identity.vetoes import FACTS, ORGANISATION, PERSON


class Columns:
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
            | self._several("sex_key")
            | (self._several("surname_key") & self._several("given_key"))
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
        parts = components(len(best), left[inside], right[inside])
        largest = self._reduce(np.maximum, np.where(of_best, parts, -1))
        smallest = self._reduce(np.minimum, np.where(of_best, parts, len(best)))
        tiers = sum(self._reduce(np.maximum, self.tiers == tier).astype(np.int64) for tier in range(3))
        return np.asarray((largest != smallest) | (tiers > 2))

    def _reduce(self, function: np.ufunc, values: npt.NDArray[np.generic]) -> npt.NDArray[np.int64]:
        return np.asarray(function.reduceat(values[self._order], self._starts))
