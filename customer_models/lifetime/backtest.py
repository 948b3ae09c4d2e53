"""Which scorer of an event (no purchase in the next H days) has earned it, by what came of its scores of earlier days.

At each cut-off everything is fitted on earlier cut-offs whose horizon was over by then, as it could have been that day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt

from customer_models.lifetime import calibration, logistic, measures
from customer_models.lifetime.bootstrap import brier_difference
from customer_models.lifetime.calibration import Calibration, Method
from customer_models.lifetime.logistic import Logistic
from customer_models.lifetime.measures import Decile, Floats

Scorer = Literal["closed_form", "calibrated", "challenger", "recency"]
Metric = Literal["auc", "brier", "calibration_error"]
BASELINES: dict[Scorer, tuple[str, ...]] = {
    "closed_form": ("recency",),
    "calibrated": ("recency", "closed_form"),
    "challenger": ("recency", "closed_form", "calibrated"),
    "recency": ("share",),
}
"""``share``: everybody gets the share of events of the earlier cut-offs."""
TRAINED_ON = 4
"""The latest cut-offs only: the share that stays away drifts with the season, and with it every calibration."""
LOOKED_AT, NEEDED = 3, 2
"""The challenger takes over once it won at two of the last three evaluated cut-offs, chance excluded."""
LOG_ODDS = "log_odds"
"""The challenger's first feature: ``calibration.log_odds`` of the closed form's score."""


@dataclass(frozen=True)
class Cases:
    """Customers of one segment at several cut-offs, one horizon; a row each.

    Attributes:
        cutoff: the last day that was known.
        outcome: 1 for the event, 0 for none, NaN where the horizon is not over.
        score: the closed form's chance of the event.
        recency: days since the last purchase.
        features: the challenger's, beside the closed form's log-odds.
        names: of the features.
    """

    cutoff: npt.NDArray[np.datetime64]
    outcome: Floats
    score: Floats
    recency: Floats
    features: Floats
    names: tuple[str, ...]

    def of(self, cutoffs: Iterable[date]) -> "Cases":
        """The rows of these cut-offs."""
        return self._at(np.flatnonzero(np.isin(self.cutoff, np.array(sorted(cutoffs), dtype="datetime64[D]"))))

    def in_order(self) -> "Cases":
        """The same rows, sorted by all that they say: sums over them come out the same to the last bit."""
        keys = (*self.features.T[::-1], self.outcome, self.recency, self.score, self.cutoff)
        return self._at(np.lexsort(keys))

    def complete_cutoffs(self) -> list[date]:
        """Cut-offs whose outcomes are all known, in order."""
        open_ones = set(np.unique(self.cutoff[np.isnan(self.outcome)]).tolist())
        return [day for day in np.unique(self.cutoff).tolist() if day not in open_ones]

    def design(self) -> Floats:
        """The challenger's features."""
        return np.column_stack([calibration.log_odds(self.score), self.features])

    def _at(self, rows: npt.NDArray[np.int64]) -> "Cases":
        return Cases(
            self.cutoff[rows], self.outcome[rows], self.score[rows], self.recency[rows], self.features[rows], self.names
        )


@dataclass(frozen=True)
class Measure:
    """One figure of one scorer at one cut-off, beside a baseline.

    ``baseline`` is another scorer, or "perfect" for a calibration error: the one that a perfect scorer stays under in
    95 of 100 cases. ``low`` and ``high``: 95 % interval of value less baseline value, for the Brier score only.
    ``method``: how the scores came about.
    """

    cutoff: date
    scorer: Scorer
    method: str
    metric: Metric
    value: float | None
    baseline: str
    baseline_value: float | None
    row_count: int
    event_count: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Tenth:
    """``measures.Decile`` of one scorer at one cut-off."""

    cutoff: date
    scorer: Scorer
    decile: Decile


@dataclass(frozen=True)
class Backtest:
    """What today's scores are made with, and why.

    Attributes:
        chosen: the scorer that has earned it.
        calibration: of the closed form, fitted on the latest complete cut-offs.
        challenger: fitted on the same; None where there were too few events.
        win_count: of the last ``looked_at_count`` cut-offs, those where the challenger beat the calibrated closed form.
        looked_at_count: at most ``LOOKED_AT``.
        trained_on: the cut-offs behind the coefficients.
        measures: per cut-off.
        deciles: per cut-off and scorer.
    """

    chosen: Scorer
    calibration: Calibration
    challenger: Logistic | None
    win_count: int
    looked_at_count: int
    trained_on: tuple[date, ...]
    measures: tuple[Measure, ...]
    deciles: tuple[Tenth, ...]

    def scores(self, cases: Cases) -> Floats:
        """Of the chosen scorer."""
        if self.chosen == "challenger" and self.challenger is not None:
            return self.challenger.scores(cases.design())
        return self.calibration.apply(cases.score)


@dataclass(frozen=True)
class _Trial:
    """The scores that each fit on earlier cut-offs gives the customers of one cut-off, and what came."""

    cutoff: date
    outcome: Floats
    by_method: dict[Method, Floats]
    recency: Floats
    share: float
    challenger: Floats | None


def evaluate(cases: Cases, horizon_days: int, *, seed: int = 1) -> Backtest:
    """Measure every scorer at every cut-off that has a past, and choose the one for today.

    Evaluated are the latest complete cut-off and those before it that lie a horizon or more apart, so that no outcome
    counts twice. The challenger is chosen where the 95 % interval of the paired difference of its Brier score and that
    of the calibrated closed form lies below zero at ``NEEDED`` of the last ``LOOKED_AT`` evaluated cut-offs. Of the
    calibrations the simplest (raw, Platt, isotonic) is chosen, unless the interval for a later one lies below zero
    over these cut-offs together: calibrating moves the Brier score by too little for one of them to show. At each
    cut-off the calibration is the one that would have been chosen then.

    Args:
        cases: of one segment and horizon.
        horizon_days: H.
        seed: of the intervals and bounds.
    """
    ordered = cases.in_order()
    complete = ordered.complete_cutoffs()
    trials: list[_Trial] = []
    found: list[Measure] = []
    deciles: list[Tenth] = []
    wins: list[bool] = []
    for cutoff in _apart(complete, horizon_days):
        past = _past(complete, cutoff, horizon_days)
        if not past:
            continue
        # All of them were over by this day: they lie a horizon apart.
        method = _method(trials, seed)
        trial = _trial(ordered.of([cutoff]), ordered.of(past), cutoff)
        trials.append(trial)
        scores = _scores(trial, method)
        measured = _measures(trial, method, scores, seed)
        wins.append(any(_is_win(measure) for measure in measured))
        found += measured
        deciles += [
            Tenth(cutoff, scorer, decile)
            for scorer, score in scores.items()
            for decile in measures.decile_table(score, trial.outcome)
        ]
    latest = complete[-TRAINED_ON:]
    known = ordered.of(latest)
    fitted = calibration.fit(_method(trials, seed), known.score, known.outcome)
    challenger = _challenger(known)
    chosen: Scorer = "closed_form" if fitted.method == "raw" else "calibrated"
    if challenger is not None and sum(wins[-LOOKED_AT:]) >= NEEDED:
        chosen = "challenger"
    return Backtest(
        chosen=chosen,
        calibration=fitted,
        challenger=challenger,
        win_count=sum(wins[-LOOKED_AT:]),
        looked_at_count=len(wins[-LOOKED_AT:]),
        trained_on=tuple(latest),
        measures=tuple(found),
        deciles=tuple(deciles),
    )


def _apart(cutoffs: Sequence[date], days: int) -> list[date]:
    """The last one, and going back from it each that lies so many days before the one taken last."""
    taken: list[date] = []
    for cutoff in reversed(cutoffs):
        if not taken or cutoff + timedelta(days) <= taken[-1]:
            taken.append(cutoff)
    return taken[::-1]


def _past(complete: Sequence[date], cutoff: date, horizon_days: int) -> list[date]:
    """The latest cut-offs whose horizon was over on this day."""
    return [day for day in complete if day + timedelta(horizon_days) <= cutoff][-TRAINED_ON:]


def _trial(now: Cases, past: Cases, cutoff: date) -> _Trial:
    challenger = _challenger(past)
    return _Trial(
        cutoff=cutoff,
        outcome=now.outcome,
        by_method={
            method: calibration.fit(method, past.score, past.outcome).apply(now.score) for method in calibration.METHODS
        },
        recency=calibration.along(calibration.knots(past.recency, past.outcome), now.recency),
        share=float(past.outcome.mean()),
        challenger=None if challenger is None else challenger.scores(now.design()),
    )


def _challenger(past: Cases) -> Logistic | None:
    events = float(past.outcome.sum())
    if min(events, len(past.outcome) - events) < calibration.FEWEST:
        return None
    found = logistic.fit(past.design(), past.outcome, (LOG_ODDS, *past.names))
    return found if found.is_converged else None


def _method(trials: Sequence[_Trial], seed: int) -> Method:
    """The calibration that the rule chooses after these trials."""
    looked_at = trials[-LOOKED_AT:]
    chosen: Method = "raw"
    for method in calibration.METHODS[1:] if looked_at else ():
        score, other = (np.concatenate([trial.by_method[each] for trial in looked_at]) for each in (method, chosen))
        outcome = np.concatenate([trial.outcome for trial in looked_at])
        if brier_difference(score, other, outcome, seed=seed).is_below_zero:
            chosen = method
    return chosen


def _is_win(measure: Measure) -> bool:
    is_contest = (measure.scorer, measure.baseline, measure.metric) == ("challenger", "calibrated", "brier")
    return is_contest and measure.high is not None and measure.high < 0


def _scores(trial: _Trial, method: Method) -> dict[Scorer, Floats]:
    scores: dict[Scorer, Floats] = {
        "closed_form": trial.by_method["raw"],
        "calibrated": trial.by_method[method],
        "recency": trial.recency,
    }
    if trial.challenger is not None:
        scores["challenger"] = trial.challenger
    return scores


def _measures(trial: _Trial, method: Method, scores: dict[Scorer, Floats], seed: int) -> list[Measure]:
    methods: dict[Scorer, str] = {
        "closed_form": "raw",
        "calibrated": method,
        "challenger": "logistic",
        "recency": "isotonic",
    }
    others: dict[str, Floats] = {"share": np.full(len(trial.outcome), trial.share)}
    others |= {str(scorer): score for scorer, score in scores.items()}
    found = []
    for scorer, score in scores.items():
        made = partial(
            Measure,
            cutoff=trial.cutoff,
            scorer=scorer,
            method=methods[scorer],
            row_count=len(trial.outcome),
            event_count=int(trial.outcome.sum()),
        )
        error = measures.calibration_error(score, trial.outcome)
        bound = measures.calibration_bound(score, seed=seed)
        found.append(made(metric="calibration_error", value=error, baseline="perfect", baseline_value=bound))
        for baseline in BASELINES[scorer]:
            other = others[baseline]
            area, other_area = (measures.auc(each, trial.outcome) for each in (score, other))
            found.append(made(metric="auc", value=area, baseline=baseline, baseline_value=other_area))
            loss, other_loss = (measures.brier(each, trial.outcome) for each in (score, other))
            low, high = brier_difference(score, other, trial.outcome, seed=seed).ends
            brier = made(metric="brier", value=loss, baseline=baseline, baseline_value=other_loss, low=low, high=high)
            found.append(brier)
    return found
