"""Which model of repeat purchases a segment's value is forecast with, and how well that went at earlier cut-offs."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from customer_models.lifetime import measures
from customer_models.lifetime.groups import Columns, groups
from customer_models.lifetime.measures import Floats

MODELS = ("bg", "mbg")
"""The simpler one stays where the other is not better."""

TEXT, COUNT, NUMBER, DAY = pa.string(), pa.int64(), pa.float64(), pa.date32()
CASES = pa.schema(
    {
        "segment": TEXT,
        "cutoff_on": DAY,
        "horizon_days": COUNT,
        **dict.fromkeys((f"expected_{model}" for model in MODELS), NUMBER),
        "order_amount": NUMBER,
        **dict.fromkeys(("purchase_count", "net_amount", "naive_count", "naive_amount"), NUMBER),
        **dict.fromkeys((f"tracked_{model}" for model in MODELS), NUMBER),
        "tracked_count": NUMBER,
    }
)
"""A customer at a past cut-off: expected purchases, expected amount of one, what came, and what came just before.
``tracked``: repeat purchases from the first one to the end of the horizon, as the model expects them of any new
customer, and as they were; NULL but at the cut-off that the warehouse names."""
_MEASURE = {
    "cutoff_on": DAY,
    "horizon_days": COUNT,
    **dict.fromkeys(("scorer", "target", "metric"), TEXT),
    **dict.fromkeys(("value", "baseline_value"), NUMBER),
    "row_count": COUNT,
}
_TENTH = {
    "cutoff_on": DAY,
    "horizon_days": COUNT,
    **dict.fromkeys(("number", "count"), COUNT),
    **dict.fromkeys(("mean_predicted", "mean_actual", "sum_predicted", "sum_actual"), NUMBER),
}
BACKTESTS = pa.schema(
    {
        "segment": TEXT,
        "chosen": TEXT,
        "squared_error_ratio": NUMBER,
        "measures": pa.list_(pa.struct(_MEASURE)),
        "deciles": pa.list_(pa.struct(_TENTH)),
    }
)
"""One row per segment. ``squared_error_ratio``: of MBG/NBD over BG/NBD. ``deciles``: of the chosen model's amounts."""


def value_backtest_table(cases: pa.Table) -> pa.Table:
    """Measures forecasts of purchases and of amounts at every cut-off and horizon, and chooses per segment.

    Chosen is the model with the smaller squared error of purchases, as the geometric mean of its ratio over cut-offs
    and horizons. Beside each figure stands that of the naive forecast: the next days will be as the last ones.

    Args:
        cases: columns of ``CASES``; expectations NULL where nothing was fitted.

    Returns:
        Columns of ``BACKTESTS``.
    """
    rows = cases.select(CASES.names).cast(CASES)
    found: dict[str, dict[str, Any]] = {}
    for (segment, cutoff_on, horizon_days), columns in groups(rows, 3):
        of_key = found.setdefault(segment, {"measures": [], "deciles": [], "ratios": []})
        at = {"cutoff_on": cutoff_on, "horizon_days": horizon_days}
        known = _known(columns)
        if not len(known["purchase_count"]):
            continue
        errors = {model: _squared_error(known[f"expected_{model}"], known["purchase_count"]) for model in MODELS}
        of_key["ratios"].append((errors["mbg"], errors["bg"]))
        of_key["measures"] += [at | measure for measure in _measures(known)]
        of_key["deciles"].append((at, known))
    return pa.Table.from_pylist([_row(segment, parts) for segment, parts in found.items()], schema=BACKTESTS)


def _known(columns: Columns) -> Columns:
    """The rows whose models forecast something, in an order that does not depend on theirs."""
    kept = ~np.isnan(columns["expected_bg"]) & ~np.isnan(columns["expected_mbg"])
    order = np.lexsort([column[kept] for column in columns.values()])
    return {name: column[kept][order] for name, column in columns.items()}


def _row(segment: str, parts: dict[str, Any]) -> dict[str, Any]:
    ratios = [mbg / bg for mbg, bg in parts["ratios"] if bg > 0 and mbg > 0]
    ratio = float(np.exp(np.mean(np.log(ratios)))) if ratios else None
    chosen = "mbg" if ratio is not None and ratio < 1 else "bg"
    deciles = [at | vars(decile) for at, known in parts["deciles"] for decile in _deciles(known, f"expected_{chosen}")]
    return {
        "segment": segment,
        "chosen": chosen,
        "squared_error_ratio": ratio,
        "measures": parts["measures"],
        "deciles": deciles,
    }


def _deciles(known: Columns, expected: str) -> tuple[measures.Decile, ...]:
    predicted, actual = _amounts(known, known[expected])
    return measures.decile_table(predicted, actual)


def _amounts(known: Columns, expected: Floats) -> tuple[Floats, Floats]:
    """Predicted and actual amounts of those whose order amount is known."""
    kept = ~np.isnan(known["order_amount"])
    return expected[kept] * known["order_amount"][kept], known["net_amount"][kept]


def _measures(known: Columns) -> Iterator[dict[str, Any]]:
    priced = ~np.isnan(known["order_amount"])
    for model in MODELS:
        expected = known[f"expected_{model}"]
        predicted, actual = _amounts(known, expected)
        targets = {
            "purchases": (expected, known["purchase_count"], known["naive_count"]),
            "amount": (predicted, actual, known["naive_amount"][priced]),
        }
        tracked = known[f"tracked_{model}"]
        if not np.isnan(tracked).any():
            ratio = measures.ratio_of_totals(tracked, known["tracked_count"])
            yield _measure(model, "tracking", "ratio_of_totals", ratio, None, len(tracked))
        for target, (forecast, came, naive) in targets.items():
            if not len(forecast):
                continue
            for metric, measure in _METRICS.items():
                yield _measure(model, target, metric, measure(forecast, came), measure(naive, came), len(forecast))


def _measure(
    scorer: str, target: str, metric: str, value: float | None, baseline_value: float | None, row_count: int
) -> dict[str, Any]:
    return {
        "scorer": scorer,
        "target": target,
        "metric": metric,
        "value": value,
        "baseline_value": baseline_value,
        "row_count": row_count,
    }


def _squared_error(forecast: Floats, came: Floats) -> float:
    return float(np.mean((forecast - came) ** 2))


def _correlation(forecast: Floats, came: Floats) -> float | None:
    """Pearson's; None where either is the same for everybody."""
    if len(forecast) < 2 or np.ptp(forecast) == 0 or np.ptp(came) == 0:
        return None
    return float(np.corrcoef(forecast, came)[0, 1])


_METRICS = {
    "ratio_of_totals": measures.ratio_of_totals,
    "gini": measures.normalised_gini,
    "squared_error": _squared_error,
    "correlation": _correlation,
}
