"""Every model of every segment and cut-off, fitted: tables of patterns in, a table of parameters out."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, get_args

import numpy as np
import pyarrow as pa

from customer_models.lifetime import beta_geometric, gamma_gamma
from customer_models.lifetime.beta_geometric import Kind
from customer_models.lifetime.fitting import Fit
from customer_models.lifetime.groups import groups
from customer_models.lifetime.histories import amounts, histories

PARAMETERS = ("r", "alpha", "a", "b", "p", "q", "v")
LIFE, RECENT = "life", "recent"
"""Which purchases a summary is made of: all up to the cut-off, or those of the last half year."""

_NUMBERS = {name: pa.float64() for name in (*PARAMETERS, "log_likelihood")}
FITS = pa.schema(
    {
        "segment": pa.string(),
        "cutoff_on": pa.date32(),
        "history": pa.string(),
        "model": pa.string(),
        "state": pa.string(),
        "reason": pa.string(),
        "customer_count": pa.int64(),
        **_NUMBERS,
        "is_converged": pa.bool_(),
        "is_identified": pa.bool_(),
        "covariance": pa.list_(pa.list_(pa.float64())),
        "input_hash": pa.string(),
    }
)
"""One row per segment, cut-off, history and model; parameters NULL where there are none. ``covariance``: of their
logarithms, in the order r, alpha, a, b or p, q, v."""


def fit_table(patterns: pa.Table, repeat_amounts: pa.Table) -> pa.Table:
    """Fits BG/NBD and MBG/NBD to each history, and Gamma-Gamma to the amounts of the whole one.

    Args:
        patterns: segment, cutoff_on, history, history_days (of the segment at the cut-off), x, t_x, age (weeks),
            customer_count; equal customers in one row.
        repeat_amounts: segment, cutoff_on, x, mean_repeat_amount, customer_count, of customers with x > 0.

    Returns:
        Columns of ``FITS``.
    """
    found: list[dict[str, Any]] = []
    spent = dict(groups(repeat_amounts, 2))
    for (segment, cutoff_on, history, days), rows in groups(patterns, 4):
        key = {"segment": segment, "cutoff_on": cutoff_on, "history": history}
        known = histories(*(rows[name] for name in ("x", "t_x", "age", "customer_count"))).distinct()
        digest = _digest(known.x, known.t_x, known.age, known.weight)
        # Of the last half year both give the same probabilities, to the third digit of every measure.
        kinds: Sequence[Kind] = get_args(Kind) if history == LIFE else ("bg",)
        found += [key | _row(beta_geometric.fit(known, kind, history_days=days), digest) for kind in kinds]
        if history == LIFE:
            empty: Mapping[str, Any] = {"x": [], "mean_repeat_amount": [], "customer_count": []}
            bought = spent.get((segment, cutoff_on), empty)
            paid = amounts(*(bought[name] for name in ("x", "mean_repeat_amount", "customer_count"))).positive()
            found.append(key | _row(gamma_gamma.fit(paid), _digest(paid.x, paid.mean, paid.weight)))
    return pa.Table.from_pylist(found, schema=FITS)


def _row(fit: Fit, input_hash: str) -> dict[str, Any]:
    return {
        "model": fit.model,
        "state": fit.state,
        "reason": fit.reason,
        "customer_count": round(fit.customer_count),
        **{name: fit.parameters.get(name) for name in PARAMETERS},
        "log_likelihood": fit.log_likelihood,
        "is_converged": fit.is_converged,
        "is_identified": fit.is_identified,
        "covariance": None if fit.covariance is None else fit.covariance.tolist(),
        "input_hash": input_hash,
    }


def _digest(*columns: Any) -> str:
    """Of what a fit rests on, whoever the customers are called."""
    digest = hashlib.sha256()
    for column in columns:
        digest.update(np.asarray(column, dtype="<f8").tobytes())
    return digest.hexdigest()[:16]
