"""What a model expects a cohort to have bought by each week, to be held against what it bought."""

import numpy as np
import numpy.typing as npt

from customer_models.lifetime.beta_geometric import BetaGeometric
from customer_models.lifetime.histories import Floats


def expected_cumulative(
    model: BetaGeometric, first_at: npt.ArrayLike, weight: npt.ArrayLike, weeks: npt.ArrayLike
) -> Floats:
    """Expected repeat purchases of a cohort up to each week, from the first purchases on: Σ E[X(t − s)] over s < t.

    Fader, Hardie and Lee 2005, section 5, "tracking": nothing of the customers but their first day is used.

    Args:
        first_at: weeks from the cohort's beginning to the first purchase (s), n numbers.
        weight: customers who began there, n numbers.
        weeks: weeks from the cohort's beginning to the end of each point (t), m numbers.

    Returns:
        m numbers.

    Raises:
        ValueError: ``first_at`` and ``weight`` differ in length.
    """
    began, customers = np.asarray(first_at, dtype=np.float64), np.asarray(weight, dtype=np.float64)
    if began.ndim != 1 or began.shape != customers.shape:
        raise ValueError(f"one weight per beginning is needed, not {customers.shape} for {began.shape}")
    days, day_at = np.unique(began, return_inverse=True)
    order = np.lexsort((customers, day_at))
    of_day = np.bincount(day_at[order], customers[order], minlength=days.size)
    since = np.maximum(np.asarray(weeks, dtype=np.float64)[:, None] - days, 0.0)
    spans, span_at = np.unique(since, return_inverse=True)
    expected = model.expected_repeat_purchases(spans)[span_at.reshape(since.shape)]
    return np.asarray(np.sum(expected * of_day, axis=1), dtype=np.float64)
