"""What a segment's customers will bring together, with an interval for what the parameters leave open."""

from typing import Any

import numpy as np
import pyarrow as pa

from customer_models.lifetime.beta_geometric import BetaGeometric
from customer_models.lifetime.fitting import Fit
from customer_models.lifetime.histories import WEEK_DAYS, Floats
from customer_models.lifetime.intervals import interval_of_total

ROWS_MAX = 1_000
"""Of more distinct customers every so many-th stands for its neighbours: the interval is taken of the ratio of the
drawn total to the total, which hardly depends on which customers those are."""
DRAWS = 200
BG, AMOUNTS = ("r", "alpha", "a", "b"), ("p", "q", "v")

TOTALS = pa.schema(
    {
        "segment": pa.string(),
        "horizon_days": pa.int64(),
        "predicted_amount": pa.float64(),
        "low": pa.float64(),
        "high": pa.float64(),
    }
)
"""One row per segment and horizon; ``low`` and ``high`` NULL where the data do not bound the parameters."""


def total_table(totals: pa.Table, customers: pa.Table, fits: pa.Table) -> pa.Table:
    """The 95 % interval of each segment's predicted amount, by a parametric bootstrap on the parameters.

    Args:
        totals: segment, horizon_days, model (bg or mbg), predicted_amount.
        customers: segment, x, t_x, age (weeks), mean_repeat_amount; today's, in any order.
        fits: columns of ``fit_table.FITS``, today's of the whole histories.

    Returns:
        Columns of ``TOTALS``.
    """
    fitted = {(row["segment"], row["model"]): _fit(row) for row in fits.to_pylist()}
    samples = _samples(customers)
    found = []
    for row in sorted(totals.to_pylist(), key=lambda row: (row["segment"], row["horizon_days"])):
        purchases = fitted.get((row["segment"], row["model"]))
        amounts = fitted.get((row["segment"], "gamma_gamma"))
        kept = {name: row[name] for name in ("segment", "horizon_days", "predicted_amount")}
        if not row["predicted_amount"] or not (purchases and amounts and purchases.is_fitted and amounts.is_fitted):
            found.append(kept)
            continue
        sample, weeks = samples[row["segment"]], row["horizon_days"] / WEEK_DAYS

        def total(
            counts: Any, spent: Any, model: str = row["model"], sample: Any = sample, weeks: float = weeks
        ) -> float:
            expected = BetaGeometric(model, **counts).expected_purchases(  # type: ignore[arg-type]
                sample["x"], sample["t_x"], sample["age"], weeks
            )
            x, mean = sample["x"], np.maximum(np.nan_to_num(sample["mean_repeat_amount"]), 0.0)
            finite = spent["p"] * x + spent["q"] - 1
            if np.min(finite) <= 0:
                return np.inf
            return float(np.sum(expected * spent["p"] * (spent["v"] + x * mean) / finite))

        point = total(purchases.parameters, amounts.parameters)
        interval = interval_of_total(total, purchases, amounts, draws=DRAWS)
        scale = row["predicted_amount"] / point
        found.append(kept | {"low": interval.low * scale, "high": interval.high * scale})
    return pa.Table.from_pylist(found, schema=TOTALS)


def _samples(customers: pa.Table) -> dict[str, dict[str, Floats]]:
    names = ("x", "t_x", "age", "mean_repeat_amount")
    segments = np.array(customers["segment"].to_pylist(), dtype=object)
    columns = {name: customers[name].to_numpy(zero_copy_only=False).astype(np.float64) for name in names}
    samples = {}
    for segment in sorted(set(segments)):
        rows = np.flatnonzero(segments == segment)
        # In the order of their values, so that the sample does not depend on how customers are called or stored.
        order = rows[np.lexsort([np.nan_to_num(columns[name][rows], nan=-1.0) for name in reversed(names)])]
        step = -(-len(order) // ROWS_MAX)
        samples[segment] = {name: column[order[step // 2 :: step]] for name, column in columns.items()}
    return samples


def _fit(row: dict[str, Any]) -> Fit:
    names = AMOUNTS if row["model"] == "gamma_gamma" else BG
    return Fit(
        row["model"],
        row["state"],
        row["reason"],
        row["customer_count"],
        {name: row[name] for name in names if row[name] is not None},
        log_likelihood=row["log_likelihood"],
        covariance=None if row["covariance"] is None else np.array(row["covariance"]),
    )
