"""Logistic regression whose scores SQL can compute.

They are 1 / (1 + exp(-(intercept + Σ coefficient (value - mean) / scale))).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from customer_models.lifetime.measures import Floats

PENALTY = 1.0
ROUNDS = 100
TOLERANCE = 1e-10
SEPARATED = 30.0
"""A standardised coefficient beyond it means odds of e³⁰ per standard deviation: no finite fit exists."""


@dataclass(frozen=True)
class Logistic:
    """A fitted regression. ``is_converged`` false: it must not score anybody."""

    names: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float
    penalty: float
    row_count: int
    is_converged: bool

    def scores(self, features: Floats) -> Floats:
        """Probabilities of the rows of a matrix with the columns ``names``."""
        standard = (features - np.array(self.means)) / np.array(self.scales)
        return np.asarray(expit(self.intercept + standard @ np.array(self.coefficients)), dtype=np.float64)


def fit(features: Floats, outcome: Floats, names: Sequence[str], *, penalty: float = PENALTY) -> Logistic:
    """The minimum of -Σ (y log p + (1 - y) log(1 - p)) + penalty / 2 Σ β² over standardised features, by Newton steps.

    The intercept is not penalised (Hastie, Tibshirani and Friedman, "The elements of statistical learning", 2009,
    sections 4.4.1 and 18.4). A step that does not lower the objective is halved. A feature that never changes gets a
    scale of 1 and the coefficient 0.

    Args:
        features: rows × features, all finite.
        outcome: 0 or 1 per row, or a share between them.
        names: of the features.
        penalty: 0 for plain maximum likelihood.

    Raises:
        ValueError: shapes do not fit, or a feature has a value that is not finite.
    """
    if features.shape != (len(outcome), len(names)) or not len(outcome):
        raise ValueError(f"a matrix of {features.shape} is not {len(outcome)} rows × {len(names)} features")
    endless = [name for name, column in zip(names, features.T, strict=True) if not np.isfinite(column).all()]
    if endless:
        raise ValueError(f"not finite: {endless}")
    means, spread = features.mean(axis=0), features.std(axis=0)
    is_varied = spread > 1e-12 * np.maximum(1.0, np.abs(means))
    scales = np.where(is_varied, spread, 1.0)
    standard = np.where(is_varied, (features - means) / scales, 0.0)
    design = np.column_stack([np.ones(len(outcome)), standard])
    # A column of zeros would make the matrix singular; its coefficient is 0 under any weight.
    ridge = np.concatenate([[0.0], np.where(is_varied, penalty, 1.0)])
    share = float(np.clip(outcome.mean(), 0.5 / len(outcome), 1 - 0.5 / len(outcome)))
    weights = np.zeros(design.shape[1])
    weights[0] = logit(share)
    is_mixed = 0 < outcome.mean() < 1
    is_converged = False
    height = _objective(design, outcome, ridge, weights)
    for _ in range(ROUNDS if is_mixed else 0):
        found = _step(design, outcome, ridge, weights, height)
        if found is None:
            break
        step, height = found
        weights = weights + step
        if np.abs(step).max() < TOLERANCE:
            is_converged = bool(np.abs(weights[1:]).max(initial=0.0) < SEPARATED)
            break
    return Logistic(
        names=tuple(names),
        means=tuple(means.tolist()),
        scales=tuple(scales.tolist()),
        coefficients=tuple(weights[1:].tolist()),
        intercept=float(weights[0]),
        penalty=penalty,
        row_count=len(outcome),
        is_converged=is_converged,
    )


def _step(
    design: Floats, outcome: Floats, ridge: Floats, weights: Floats, height: float
) -> tuple[Floats, float] | None:
    """Newton's step, halved until it does no harm, and the objective after it; None where there is none."""
    chances = expit(design @ weights)
    slope = design.T @ (outcome - chances) - ridge * weights
    curvature = (design * (chances * (1 - chances))[:, None]).T @ design + np.diag(ridge)
    try:
        step = np.linalg.solve(curvature, slope)
    except np.linalg.LinAlgError:
        return None
    for _ in range(30):
        after = _objective(design, outcome, ridge, weights + step)
        # Near the minimum the objective moves by less than it can be computed to.
        if after <= height + 1e-12 * abs(height):
            return np.asarray(step, dtype=np.float64), after
        step = step / 2
    return None


def _objective(design: Floats, outcome: Floats, ridge: Floats, weights: Floats) -> float:
    linear = design @ weights
    return float((np.logaddexp(0, linear) - outcome * linear).sum() + (ridge * weights**2).sum() / 2)
