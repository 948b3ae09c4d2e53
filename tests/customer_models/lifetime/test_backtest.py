"""A scorer is chosen for what it did on days it had not seen, and only then."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from scipy.special import expit, logit

from customer_models.lifetime import logistic, measures
from customer_models.lifetime.backtest import Backtest, Cases, Measure, evaluate
from customer_models.lifetime.bootstrap import brier_difference
from customer_models.lifetime.churn_tables import BACKTESTS, backtest_table

LAST = date(2025, 12, 1)
EACH = 900


def cutoff(back: int) -> date:
    """So many steps of 28 days before the last one."""
    return LAST - timedelta(28 * back)


def world(cutoffs: int = 6, each: int = EACH, *, told: float = 1.0, stretch: float = 1.0, seed: int = 1) -> Cases:
    """The log-odds of staying away are ``known + told × seen``: the closed form knows the first part only.

    ``stretch`` makes the closed form too sure of itself (above 1) or too little.
    """
    rng = np.random.default_rng(seed)
    count = cutoffs * each
    known, seen = rng.normal(-1.0, 1.0, count), rng.normal(0, 1.0, count)
    return Cases(
        cutoff=np.repeat(np.array([cutoff(back) for back in range(cutoffs)], dtype="datetime64[D]"), each),
        outcome=(rng.random(count) < expit(known + told * seen)).astype(np.float64),
        score=expit(stretch * known),
        recency=np.round(20 + 6 * known + rng.normal(0, 5, count)).clip(0),
        features=np.column_stack([seen, rng.normal(0, 1, count)]),
        names=("seen", "noise"),
    )


def changed_at(cases: Cases, day: date) -> Cases:
    """The same, but of this cut-off the opposite came."""
    is_there = cases.cutoff == np.datetime64(day)
    return replace(cases, outcome=np.where(is_there, 1 - cases.outcome, cases.outcome))


def opened_at(cases: Cases, day: date) -> Cases:
    """The same, but the horizon of this cut-off is not over for a few customers."""
    outcome = cases.outcome.copy()
    outcome[np.flatnonzero(cases.cutoff == np.datetime64(day))[:3]] = np.nan
    return replace(cases, outcome=outcome)


def at(found: Backtest, day: date) -> list[Measure]:
    return [measure for measure in found.measures if measure.cutoff == day]


def brier_of(found: Backtest, scorer: str, baseline: str, day: date = LAST) -> Measure:
    return next(row for row in at(found, day) if (row.scorer, row.baseline, row.metric) == (scorer, baseline, "brier"))


def test_the_challenger_is_chosen_where_its_features_say_more_than_the_closed_form() -> None:
    found = evaluate(world(), 28)
    assert (found.chosen, found.win_count, found.looked_at_count) == ("challenger", 3, 3)
    row = brier_of(found, "challenger", "calibrated")
    assert row.high is not None
    assert row.high < 0
    assert row.value is not None
    assert row.baseline_value is not None
    assert row.value < row.baseline_value


def test_the_closed_form_stays_where_the_features_say_nothing() -> None:
    found = evaluate(world(told=0.0), 28)
    assert found.chosen == "closed_form"
    assert found.calibration.method == "raw"
    assert found.win_count < 2


def test_a_closed_form_that_is_too_sure_of_itself_is_calibrated() -> None:
    found = evaluate(world(told=0.0, stretch=2.0), 28)
    assert found.chosen == "calibrated"
    assert found.calibration.method == "platt"
    assert found.calibration.slope == pytest.approx(0.5, abs=0.06)
    assert brier_of(found, "calibrated", "closed_form").high < 0  # type: ignore[operator]


def test_a_bend_that_no_line_follows_is_calibrated_by_steps() -> None:
    cases = world(told=0.0, each=3000)
    odds = logit(cases.score)
    # Everything above the median says nothing more about the event.
    rng = np.random.default_rng(3)
    outcome = (rng.random(len(odds)) < np.where(odds < -1, 0.02, 0.6)).astype(np.float64)
    assert evaluate(replace(cases, outcome=outcome), 28).calibration.method == "isotonic"


def test_one_win_is_not_enough() -> None:
    found = evaluate(world(cutoffs=2), 28)
    assert (found.win_count, found.looked_at_count) == (1, 1)
    assert found.chosen == "closed_form"
    assert found.challenger is not None


def test_outcomes_of_the_day_itself_and_of_later_days_do_not_enter_its_scores() -> None:
    cases = world()
    plain, changed = evaluate(cases, 28), evaluate(changed_at(cases, LAST), 28)
    for back in range(1, 5):
        assert at(changed, cutoff(back)) == at(plain, cutoff(back))
    before = {decile.decile.sum_predicted for decile in plain.deciles if decile.cutoff == LAST}
    after = {decile.decile.sum_predicted for decile in changed.deciles if decile.cutoff == LAST}
    assert after == before
    assert changed.challenger != plain.challenger


def test_a_horizon_that_was_not_over_by_then_is_no_training_material() -> None:
    cases = world(cutoffs=5)
    plain = evaluate(cases, 56)
    # On the day of evaluation the 56 days of one cut-off were over for four weeks, those of the next for not a day.
    assert at(evaluate(changed_at(cases, cutoff(1)), 56), LAST) == at(plain, LAST)
    assert at(evaluate(changed_at(cases, cutoff(2)), 56), LAST) != at(plain, LAST)


def test_evaluated_cutoffs_do_not_overlap() -> None:
    cases = world(cutoffs=9)
    for horizon, back in ((28, [7, 6, 5, 4, 3, 2, 1, 0]), (56, [6, 4, 2, 0]), (90, [4, 0])):
        days = {measure.cutoff for measure in evaluate(cases, horizon).measures}
        assert sorted(days) == [cutoff(step) for step in back]


def test_the_latest_complete_cutoffs_give_the_coefficients_of_today() -> None:
    cases = opened_at(world(), LAST)
    found = evaluate(cases, 28)
    assert found.trained_on == tuple(cutoff(back) for back in (4, 3, 2, 1))
    assert at(found, LAST) == []
    assert found.challenger is not None
    assert found.challenger.row_count == 4 * EACH
    assert found.challenger.names == ("log_odds", "seen", "noise")
    assert found.challenger == evaluate(cases.of(cutoff(back) for back in range(1, 6)), 28).challenger


def test_measures_are_those_of_the_rows_of_the_cutoff() -> None:
    cases = world(stretch=2.0)
    rows, found = cases.of([LAST]).in_order(), evaluate(cases, 28)
    figures = {(row.scorer, row.metric, row.baseline): row for row in at(found, LAST)}
    area, error = figures["closed_form", "auc", "recency"], figures["closed_form", "calibration_error", "perfect"]
    assert area.value == measures.auc(rows.score, rows.outcome)
    assert area.baseline_value == pytest.approx(measures.auc(rows.recency, rows.outcome), abs=0.02)
    assert error.value == measures.calibration_error(rows.score, rows.outcome)
    assert error.baseline_value == measures.calibration_bound(rows.score)
    brier = figures["closed_form", "brier", "recency"]
    assert brier.value == measures.brier(rows.score, rows.outcome)
    assert (brier.row_count, brier.event_count) == (EACH, int(rows.outcome.sum()))
    share = cases.of(cutoff(back) for back in (4, 3, 2, 1)).outcome.mean()
    constant = np.full(EACH, share)
    assert figures["recency", "brier", "share"].baseline_value == measures.brier(constant, rows.outcome)
    fitted = figures["recency", "brier", "share"].value
    assert fitted is not None
    assert brier.low is not None
    assert brier.high is not None
    assert brier.low < measures.brier(rows.score, rows.outcome) - fitted < brier.high  # type: ignore[operator]


def test_the_calibration_of_a_day_is_the_one_that_earlier_days_speak_for() -> None:
    found = evaluate(world(told=0.0, stretch=2.0), 28)
    methods = {row.cutoff: row.method for row in found.measures if row.scorer == "calibrated"}
    # Nothing had been evaluated before the first one.
    assert methods[cutoff(4)] == "raw"
    assert methods[LAST] == "platt"
    assert brier_of(found, "calibrated", "closed_form", cutoff(4)).low == 0.0


def test_the_chosen_scorer_scores_as_its_coefficients_say() -> None:
    cases = world()
    found = evaluate(cases, 28)
    assert found.challenger is not None
    assert (found.scores(cases) == found.challenger.scores(cases.design())).all()
    plain = evaluate(world(told=0.0, stretch=2.0), 28)
    assert (plain.scores(cases) == plain.calibration.apply(cases.score)).all()


@pytest.mark.parametrize("share", [0.0, 0.01])
def test_too_few_events_leave_the_closed_form_as_it_is(share: float) -> None:
    cases = world(each=300)
    outcome = np.where(np.arange(len(cases.score)) % 300 < 300 * share, 1.0, 0.0)
    found = evaluate(replace(cases, outcome=outcome), 28)
    assert (found.chosen, found.calibration.method, found.challenger) == ("closed_form", "raw", None)
    assert "challenger" not in {row.scorer for row in found.measures}
    if not share:
        assert {row.value for row in found.measures if row.metric == "auc"} == {None}


def test_without_a_complete_past_there_is_nothing_to_measure() -> None:
    found = evaluate(opened_at(world(cutoffs=1), LAST), 28)
    assert (found.chosen, found.measures, found.deciles, found.trained_on) == ("closed_form", (), (), ())
    assert evaluate(world(cutoffs=1), 28).measures == ()


def test_deciles_cover_every_row_of_every_scorer() -> None:
    found = evaluate(world(), 28)
    counts: dict[tuple[date, str], int] = {}
    for tenth in found.deciles:
        counts[tenth.cutoff, tenth.scorer] = counts.get((tenth.cutoff, tenth.scorer), 0) + tenth.decile.count
    assert len(counts) == 5 * 4
    assert set(counts.values()) == {EACH}


def test_the_order_of_rows_does_not_change_anything() -> None:
    cases = world(cutoffs=4)
    order = np.random.default_rng(8).permutation(len(cases.score))
    fields = ("cutoff", "outcome", "score", "recency", "features")
    shuffled = replace(cases, **{name: getattr(cases, name)[order] for name in fields})
    assert evaluate(shuffled, 28) == evaluate(cases, 28)


def table_of(cases: Cases, segment: str = "a", horizon_days: int = 28) -> pa.Table:
    is_known = ~np.isnan(cases.outcome)
    return pa.table(
        {
            "segment": [segment] * len(cases.score),
            "horizon_days": pa.array(np.full(len(cases.score), horizon_days), pa.int32()),
            "cutoff_on": pa.array(cases.cutoff),
            "outcome": pa.array(cases.outcome == 1, mask=~is_known),
            "score": cases.score,
            "recency_days": cases.recency.astype(np.int64),
            **{name: cases.features[:, number] for number, name in enumerate(cases.names)},
        }
    )


def test_a_table_gives_one_row_per_segment_and_horizon() -> None:
    strong, weak = opened_at(world(cutoffs=4), LAST), world(cutoffs=4, told=0.0, seed=2)
    given = pa.concat_tables([table_of(weak, "b", 56), table_of(strong, "b"), table_of(strong, "a")])
    found = backtest_table(given, strong.names)
    assert found.schema == BACKTESTS
    rows = found.to_pylist()
    assert [(row["segment"], row["horizon_days"]) for row in rows] == [("a", 28), ("b", 28), ("b", 56)]
    expected = evaluate(strong, 28)
    assert rows[0]["chosen"] == expected.chosen
    assert rows[0]["trained_on"] == list(expected.trained_on)
    assert expected.challenger is not None
    assert rows[0]["challenger"]["coefficients"] == list(expected.challenger.coefficients)
    assert [row["value"] for row in rows[0]["measures"]] == [row.value for row in expected.measures]
    assert rows[0]["deciles"][0]["decile"]["count"] == expected.deciles[0].decile.count
    assert {**rows[0], "segment": "b"} == rows[1]


def test_no_challenger_is_null_and_no_rows_are_no_rows() -> None:
    cases = replace(world(cutoffs=3, each=100), outcome=np.zeros(300))
    assert backtest_table(table_of(cases), cases.names)["challenger"].to_pylist() == [None]
    assert backtest_table(table_of(cases).slice(0, 0), cases.names).equals(BACKTESTS.empty_table())


def test_a_missing_feature_is_refused_by_name() -> None:
    cases = world(cutoffs=2, each=50)
    given = table_of(cases)
    broken = given.set_column(given.column_names.index("noise"), "noise", pa.nulls(100, pa.float64()))
    with pytest.raises(ValueError, match="noise"):
        backtest_table(broken, cases.names)


def test_the_choice_rests_on_paired_intervals() -> None:
    cases = world()
    found = evaluate(cases, 28)
    past, now = cases.of(cutoff(back) for back in (4, 3, 2, 1)), cases.of([LAST])
    challenger = logistic.fit(past.design(), past.outcome, ("log_odds", "seen", "noise"))
    interval = brier_difference(challenger.scores(now.design()), now.score, now.outcome)
    row = brier_of(found, "challenger", "closed_form")
    assert (row.low, row.high) == pytest.approx((interval.low, interval.high), abs=1e-9)
