"""The tables that a backtest of churn is read from and written to, and today's scores by its outcome."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from customer_models.lifetime.backtest import Cases, evaluate
from customer_models.lifetime.calibration import Calibration
from customer_models.lifetime.logistic import Logistic

TEXT, COUNT, NUMBER, DAY = pa.string(), pa.int64(), pa.float64(), pa.date32()
CASES = pa.schema(
    {
        "segment": TEXT,
        "horizon_days": COUNT,
        "cutoff_on": DAY,
        "outcome": NUMBER,
        "score": NUMBER,
        "recency_days": NUMBER,
    }
)
_CALIBRATION = {"method": TEXT, "intercept": NUMBER, "slope": NUMBER, "knots": pa.list_(pa.list_(NUMBER))}
_CHALLENGER = {
    "names": pa.list_(TEXT),
    **{name: pa.list_(NUMBER) for name in ("means", "scales", "coefficients")},
    "intercept": NUMBER,
    "penalty": NUMBER,
    "row_count": COUNT,
    "is_converged": pa.bool_(),
}
_MEASURE = {
    "cutoff": DAY,
    **dict.fromkeys(("scorer", "method", "metric", "baseline"), TEXT),
    **dict.fromkeys(("value", "baseline_value", "low", "high"), NUMBER),
    **dict.fromkeys(("row_count", "event_count"), COUNT),
}
_DECILE = {
    **dict.fromkeys(("number", "count"), COUNT),
    **dict.fromkeys(("mean_predicted", "mean_actual", "sum_predicted", "sum_actual"), NUMBER),
}
_TENTH = {"cutoff": DAY, "scorer": TEXT, "decile": pa.struct(_DECILE)}
BACKTESTS = pa.schema(
    {
        "segment": TEXT,
        "horizon_days": COUNT,
        "chosen": TEXT,
        "win_count": COUNT,
        "looked_at_count": COUNT,
        "trained_on": pa.list_(DAY),
        "calibration": pa.struct(_CALIBRATION),
        "challenger": pa.struct(_CHALLENGER),
        "measures": pa.list_(pa.struct(_MEASURE)),
        "deciles": pa.list_(pa.struct(_TENTH)),
    }
)
"""One row per segment and horizon; the fields of ``Backtest``."""


SCORES = pa.schema({"customer_id": TEXT, "horizon_days": COUNT, "churn_probability": NUMBER, "scorer": TEXT})


def backtest_table(cases: pa.Table, names: Sequence[str], *, seed: int = 1) -> pa.Table:
    """``evaluate`` for every segment and horizon of a table.

    Args:
        cases: columns of ``CASES`` and the features; ``outcome`` NULL where the horizon is not over.
        names: of the features.
        seed: of the intervals and bounds.

    Returns:
        Columns of ``BACKTESTS``, one row per segment and horizon in order. Lists hold what has more rows: unnest them.

    Raises:
        ValueError: a score, a recency or a feature is missing.
    """
    rows = cases.select([*CASES.names, *names]).cast(pa.schema([*CASES, *((name, pa.float64()) for name in names)]))
    empty = [name for name in rows.column_names if name != "outcome" and rows[name].null_count]
    if empty:
        raise ValueError(f"NULL in {empty}")
    keys = rows.group_by(["segment", "horizon_days"]).aggregate([]).to_pylist()
    found = []
    for key in sorted(keys, key=lambda key: (key["segment"], key["horizon_days"])):
        is_in = pc.and_(*(pc.equal(rows[name], value) for name, value in key.items()))
        found.append(key | asdict(evaluate(_cases(rows.filter(is_in), names), key["horizon_days"], seed=seed)))
    return pa.Table.from_pylist(found, schema=BACKTESTS)


def score_table(cases: pa.Table, backtests: pa.Table) -> pa.Table:
    """Today's probabilities of the event, by the chosen scorer of each segment and horizon.

    Args:
        cases: columns of ``CASES``, ``customer_id`` and the features, of today's cut-off.
        backtests: columns of ``BACKTESTS``.

    Returns:
        Columns of ``SCORES``, a row per case.
    """
    found = [SCORES.empty_table()]
    for tested in backtests.to_pylist():
        rows = cases.filter(
            pc.and_(
                pc.equal(cases["segment"], tested["segment"]), pc.equal(cases["horizon_days"], tested["horizon_days"])
            )
        )
        challenger = tested["challenger"] and Logistic(**_tuples(tested["challenger"]))
        names = challenger.names[1:] if challenger else ()
        known = _cases(rows, names)
        chosen = Calibration(**_tuples(tested["calibration"])).apply(known.score)
        if tested["chosen"] == "challenger" and challenger:
            chosen = challenger.scores(known.design())
        found.append(
            pa.table(
                [rows["customer_id"], rows["horizon_days"], chosen, [tested["chosen"]] * rows.num_rows],
                names=SCORES.names,
            ).cast(SCORES)
        )
    return pa.concat_tables(found)


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    """Lists, as a table gives them, as the tuples that they were."""
    return {
        name: tuple(tuple(item) if isinstance(item, list) else item for item in value)
        if isinstance(value, list)
        else value
        for name, value in fields.items()
    }


def _cases(rows: pa.Table, names: Sequence[str]) -> Cases:
    floats = {name: rows[name].to_numpy().astype(np.float64) for name in ("outcome", "score", "recency_days", *names)}
    return Cases(
        cutoff=rows["cutoff_on"].to_numpy().astype("datetime64[D]"),
        outcome=floats["outcome"],
        score=floats["score"],
        recency=floats["recency_days"],
        features=np.column_stack([floats[name] for name in names]) if names else np.empty((rows.num_rows, 0)),
        names=tuple(names),
    )
