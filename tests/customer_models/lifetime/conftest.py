"""CDNOW as the literature cuts it, and customers drawn from a known model."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from customer_models.lifetime.beta_geometric import BetaGeometric
from customer_models.lifetime.histories import Amounts, Floats, Histories, amounts, histories
from samples import cdnow as sample
from samples.packages import data_file

CUT_ON = date(1997, 9, 30)
BEGAN_ON = date(1997, 1, 1)


@dataclass(frozen=True, eq=False)
class Cdnow:
    """``later``: purchase days after the cut-off; ``first_at``: weeks from the beginning to the first purchase."""

    histories: Histories
    amounts: Amounts
    later: Floats
    first_at: Floats


@pytest.fixture(scope="session")
def cdnow() -> Cdnow:
    """Purchases of one customer and day are one."""
    days: dict[str, dict[date, float]] = {}
    path = data_file("cdnow", "lifetimes", "lifetimes", "datasets/CDNOW_sample.txt")
    with path.open(encoding="ascii") as lines:
        for _, _, customer, day, _, amount in sample.orders(lines):
            of = days.setdefault(customer, {})
            of[date.fromisoformat(day)] = of.get(date.fromisoformat(day), 0.0) + float(amount)
    rows = []
    for of in days.values():
        known = sorted(day for day in of if day <= CUT_ON)
        repeat = [of[day] for day in known[1:]]
        first, last = known[0], known[-1]
        rows.append(
            (
                len(repeat),
                (last - first).days / 7,
                (CUT_ON - first).days / 7,
                sum(repeat) / len(repeat) if repeat else float("nan"),
                len(of) - len(known),
                (first - BEGAN_ON).days / 7,
            )
        )
    x, t_x, age, mean, later, first_at = np.array(rows).T
    return Cdnow(histories(x, t_x, age), amounts(x, mean), later, first_at)


@pytest.fixture(scope="session")
def simulated() -> Callable[..., Histories]:
    """``simulated(model, count, seed, weeks)``: customers who began within the first half of so many weeks."""

    def simulate(model: BetaGeometric, count: int, seed: int, weeks: float = 78.0) -> Histories:
        rng = np.random.default_rng(seed)
        age = np.floor(rng.uniform(weeks / 2, weeks, count) * 7) / 7
        rate, risk = rng.gamma(model.r, 1 / model.alpha, count), rng.beta(model.a, model.b, count)
        x, t_x, clock = np.zeros(count), np.zeros(count), np.zeros(count)
        at = np.arange(count)
        if model.kind == "mbg":
            at = at[rng.random(count) >= risk]
        while at.size:
            clock[at] += rng.exponential(1.0, at.size) / rate[at]
            at = at[clock[at] <= age[at]]
            x[at] += 1
            t_x[at] = clock[at]
            at = at[rng.random(at.size) >= risk[at]]
        return histories(x, t_x, age)

    return simulate
