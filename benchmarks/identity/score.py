"""Clusters held against the truth, on whole columns."""

from typing import Any

import numpy as np
import numpy.typing as npt

from customer_models.identity.pairwise import PairwiseScore


def score_arrays(true: npt.NDArray[Any], found: npt.NDArray[Any]) -> PairwiseScore:
    """What ``pairwise`` counts, of the numbers of each record's person and cluster."""
    both = true.astype(np.int64) * (int(found.max(initial=0)) + 1) + found
    return PairwiseScore(*(_pairs(labels) for labels in (true, found, both)))


def _pairs(labels: npt.NDArray[Any]) -> int:
    counts = np.unique(labels, return_counts=True)[1].astype(np.int64)
    return int((counts * (counts - 1) // 2).sum())
