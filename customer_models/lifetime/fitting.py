"""Maximum likelihood with an honest end: fitted, or a state and a reason why it is not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from customer_models.lifetime.histories import Floats

State = Literal["fitted", "insufficient_data", "not_identified", "not_converged"]
Objective = Callable[[Floats], tuple[float, Floats]]
"""Log-likelihood and its gradient (array of k) at logarithms of the parameters (array of k)."""

LOWEST, HIGHEST = 1e-5, 1e5
"""Between them every parameter is sought. One that comes near either is one the data do not bound."""

LOG_ERROR_MAX = 1.0
"""Standard error of a parameter's logarithm: beyond, its 95 % interval spans a factor of 50, and it says nothing."""

DECREMENT_MAX = 1e-9
"""Of the log-likelihood: what another Newton step would gain at most where a maximum was found."""

NEWTON_STEPS = 8
DIFFERENCE = 1e-4
"""Step of the logarithms for second derivatives: balances the error of the difference against rounding."""


@dataclass(frozen=True)
class Fit:
    """The result of a fit; errors and covariance only where ``state`` is ``fitted``.

    ``reason``: why it is not, for people; empty where it is. ``customer_count``: customers it rests on.
    ``parameters`` and ``log_likelihood`` are there where it is ``not_identified``, too: others are as likely, and often
    give much the same forecasts. A hold-out decides whether these can be used, and the parameters tell nothing.
    ``covariance``: of the parameters' logarithms, in their order (k × k).
    """

    model: str
    state: State
    reason: str
    customer_count: float
    parameters: Mapping[str, float] = field(default_factory=dict)
    standard_errors: Mapping[str, float] = field(default_factory=dict)
    log_likelihood: float | None = None
    covariance: Floats | None = field(default=None, compare=False)

    @property
    def is_fitted(self) -> bool:
        """Whether the parameters mean something."""
        return self.state == "fitted"

    @property
    def has_parameters(self) -> bool:
        """Whether there is something to forecast with."""
        return bool(self.parameters)

    @property
    def is_converged(self) -> bool:
        """Whether a maximum was found, be it usable or not."""
        return self.state in ("fitted", "not_identified")

    @property
    def is_identified(self) -> bool:
        """Whether the data bound every parameter."""
        return self.state == "fitted"


def insufficient(model: str, reason: str, customer_count: float) -> Fit:
    """The result where nothing was fitted, since there is too little to fit."""
    return Fit(model, "insufficient_data", reason, customer_count)


def maximise(
    model: str,
    names: Sequence[str],
    objective: Objective,
    starts: Sequence[Sequence[float]],
    customer_count: float,
    sketch: Objective | None = None,
) -> Fit:
    """Parameters of the highest likelihood, all positive, sought by their logarithms.

    From each start by L-BFGS-B; the best end is refined by Newton's method, so that nothing above 1e-9 is left of the
    start. With a ``sketch`` the starts compete there, and only the best end goes on with all. Standard errors: the
    inverse of the negative Hessian, taken from differences of the gradient, by the delta method (the error of θ is θ
    times that of ln θ).

    Args:
        model: name for the result.
        names: of the k parameters.
        objective: log-likelihood and gradient; finite for all parameters of ``LOWEST`` to ``HIGHEST``.
        starts: parameters to start from, each k numbers, at least one.
        customer_count: the total of weights, by which the log-likelihood is scaled.
        sketch: the same for some of the customers, in the same scale: quicker, with its peak nearby.
    """
    began = [np.log(start) for start in starts]
    if sketch is not None:
        end = _best_end(sketch, began, customer_count)
        # An end at a limit is a ridge, from which nothing leads back.
        began = [end] if not _at_limit(end).any() else began
    logs, hessian, decrement = _refined(objective, _best_end(objective, began, customer_count))
    values = np.exp(logs)
    parameters = dict(zip(names, map(float, values), strict=True))

    def unidentified(reason: str) -> Fit:
        likelihood = float(objective(logs)[0])
        return Fit(model, "not_identified", reason, customer_count, parameters, log_likelihood=likelihood)

    at_limit = [name for name, is_there in zip(names, _at_limit(logs), strict=True) if is_there]
    if at_limit:
        return unidentified(f"the data do not bound {' and '.join(at_limit)}")
    if hessian is None:
        return unidentified("the likelihood has no peak, only a ridge")
    covariance = np.asarray(np.linalg.inv(hessian), dtype=np.float64)
    errors = np.sqrt(np.diag(covariance))
    vague = [name for name, error in zip(names, errors, strict=True) if error > LOG_ERROR_MAX]
    if vague:
        return unidentified(f"the data hardly bound {' and '.join(vague)}")
    if not decrement <= DECREMENT_MAX:
        return Fit(model, "not_converged", f"no maximum after {NEWTON_STEPS} Newton steps", customer_count)
    return Fit(
        model,
        "fitted",
        "",
        customer_count,
        parameters,
        dict(zip(names, map(float, values * errors), strict=True)),
        float(objective(logs)[0]),
        covariance,
    )


def _at_limit(logs: Floats) -> npt.NDArray[np.bool_]:
    values = np.exp(logs)
    return np.asarray((values <= 10 * LOWEST) | (values >= HIGHEST / 10))


def _best_end(objective: Objective, starts: Sequence[Floats], scale: float) -> Floats:
    """The logarithms where the likelihood is highest, of the ends of L-BFGS-B from each start."""

    def loss(logs: Floats) -> tuple[float, Floats]:
        value, gradient = objective(logs)
        return -value / scale, -gradient / scale

    bounds = [(float(np.log(LOWEST)), float(np.log(HIGHEST)))] * len(starts[0])
    options = {"maxiter": 500, "ftol": 1e-10, "gtol": 1e-6}
    ends = [minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options) for start in starts]
    return np.asarray(min(ends, key=lambda end: float(end.fun)).x, dtype=np.float64)


def _refined(objective: Objective, logs: Floats) -> tuple[Floats, Floats | None, float]:
    """The maximum near ``logs``, the negative Hessian there (None if not positive definite), what is still to gain."""
    hessian, decrement = None, np.inf
    for _ in range(NEWTON_STEPS):
        gradient = objective(logs)[1]
        hessian = _negative_hessian(objective, logs)
        if not np.all(np.isfinite(hessian)) or np.linalg.eigvalsh(hessian)[0] <= 0:
            return logs, None, np.inf
        step = np.linalg.solve(hessian, gradient)
        decrement = float(np.sum(gradient * step)) / 2
        if np.max(np.abs(step)) > 1:
            return logs, hessian, decrement
        logs = logs + step
        if decrement <= DECREMENT_MAX / 1000:
            break
    return logs, hessian, decrement


def _negative_hessian(objective: Objective, logs: Floats) -> Floats:
    rows = []
    for position in range(logs.size):
        shift = np.zeros(logs.size)
        shift[position] = DIFFERENCE
        rows.append((objective(logs - shift)[1] - objective(logs + shift)[1]) / (2 * DIFFERENCE))
    square = np.array(rows)
    return np.asarray((square + square.T) / 2, dtype=np.float64)
