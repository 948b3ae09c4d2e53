"""Tables of segments and cut-offs in, tables of fits, choices and scores out: for any order of rows, for any base."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from customer_models.lifetime import beta_geometric
from customer_models.lifetime.churn_tables import backtest_table, score_table
from customer_models.lifetime.fit_table import FITS, PARAMETERS, fit_table
from customer_models.lifetime.histories import Floats, Histories
from customer_models.lifetime.value_backtest import CASES, value_backtest_table
from customer_models.lifetime.value_total import total_table

CUT = date(2025, 6, 30)
DAYS = 420
KNOWN = beta_geometric.BetaGeometric("bg", r=0.8, alpha=4.0, a=0.7, b=3.0)


@pytest.fixture(scope="module")
def base(simulated: Callable[..., Histories]) -> Histories:
    return simulated(KNOWN, 1500, 3, 60)


def patterns(base: Histories, history: str = "life", segment: str = "person", weight: Floats | None = None) -> pa.Table:
    count = len(base.x)
    return pa.table(
        {
            "segment": [segment] * count,
            "cutoff_on": pa.array([CUT] * count),
            "history": [history] * count,
            "history_days": [DAYS] * count,
            "x": base.x.astype(np.int32),
            "t_x": base.t_x,
            "age": base.age,
            "customer_count": (base.weight if weight is None else weight).astype(np.int64),
        }
    )


def spent(base: Histories, seed: int = 5, segment: str = "person") -> pa.Table:
    rng = np.random.default_rng(seed)
    bought = base.x > 0
    x = base.x[bought]
    mean = rng.gamma(6.0 * x, (15.0 / rng.gamma(4.0, 1.0, x.size)) / x)
    count = x.size
    return pa.table(
        {
            "segment": [segment] * count,
            "cutoff_on": pa.array([CUT] * count),
            "x": x.astype(np.int32),
            "mean_repeat_amount": mean,
            "customer_count": base.weight[bought].astype(np.int64),
        }
    )


def shuffled(table: pa.Table, seed: int = 1) -> pa.Table:
    return table.take(np.random.default_rng(seed).permutation(table.num_rows))


def test_rows_in_another_order_and_equal_customers_in_several_rows_give_the_same_fits(base: Histories) -> None:
    whole = fit_table(patterns(base), spent(base))
    halves = [patterns(base, weight=np.ones(len(base.x))) for _ in range(2)]
    twice = patterns(base, weight=np.full(len(base.x), 2.0))
    apart = fit_table(shuffled(pa.concat_tables(halves)), shuffled(spent(base)))
    together = fit_table(twice, spent(base))

    again = fit_table(shuffled(patterns(base)), shuffled(spent(base), 2))
    assert again.drop_columns(["covariance"]) == whole.drop_columns(["covariance"])
    for name in (*PARAMETERS, "log_likelihood"):
        for one, other in zip(apart[name].to_pylist(), together[name].to_pylist(), strict=True):
            assert one == other or one == pytest.approx(other, rel=1e-9)
    assert apart["input_hash"] == together["input_hash"]


def test_each_segment_and_history_is_fitted_by_itself(base: Histories) -> None:
    few = Histories(base.x[:30], base.t_x[:30], base.age[:30], base.weight[:30])
    found = fit_table(
        pa.concat_tables([patterns(base), patterns(base, "recent"), patterns(few, segment="other")]),
        pa.concat_tables([spent(base), spent(few, segment="other")]),
    )

    assert found.schema == FITS
    keys = [tuple(row[name] for name in ("segment", "history", "model", "state")) for row in found.to_pylist()]
    assert keys == [
        ("other", "life", "bg", "insufficient_data"),
        ("other", "life", "mbg", "insufficient_data"),
        ("other", "life", "gamma_gamma", "insufficient_data"),
        ("person", "life", "bg", "fitted"),
        ("person", "life", "mbg", "fitted"),
        ("person", "life", "gamma_gamma", "fitted"),
        ("person", "recent", "bg", "fitted"),
    ]
    life, recent = (row for row in found.to_pylist() if row["segment"] == "person" and row["model"] == "bg")
    assert [life[name] for name in PARAMETERS] == [recent[name] for name in PARAMETERS]


def test_another_customer_is_another_input(base: Histories) -> None:
    one = fit_table(patterns(base), spent(base))["input_hash"].to_pylist()
    moved = Histories(base.x, base.t_x, base.age + 0.5, base.weight)
    other = fit_table(patterns(moved), spent(base))["input_hash"].to_pylist()
    assert one[0] != other[0]
    assert one[2] == other[2]


def test_a_base_without_a_repeat_purchase_has_a_row_and_no_parameters(base: Histories) -> None:
    never = Histories(np.zeros(900), np.zeros(900), np.full(900, 40.0), np.ones(900))
    found = fit_table(patterns(never), spent(never))
    assert found["state"].to_pylist() == ["insufficient_data"] * 3
    assert all(value is None for name in PARAMETERS for value in found[name].to_pylist())


def cases(expected_bg: Floats, expected_mbg: Floats, came: Floats, **more: Floats) -> pa.Table:
    count = len(came)
    columns: dict[str, object] = {
        "segment": ["person"] * count,
        "cutoff_on": pa.array([CUT] * count),
        "horizon_days": [28] * count,
        "expected_bg": expected_bg,
        "expected_mbg": expected_mbg,
        "order_amount": np.full(count, 10.0),
        "purchase_count": came,
        "net_amount": came * 10.0,
        "naive_count": np.roll(came, 1),
        "naive_amount": np.roll(came, 1) * 10.0,
        **{name: [None] * count for name in ("tracked_bg", "tracked_mbg", "tracked_count")},
    }
    return pa.table(columns | more).cast(CASES)


def test_the_model_with_the_smaller_error_of_purchases_is_chosen_and_the_simpler_one_in_doubt() -> None:
    rng = np.random.default_rng(2)
    rate = rng.gamma(1.0, 1.0, 800)
    came = rng.poisson(rate).astype(float)
    assert value_backtest_table(cases(rate * 1.6, rate, came))["chosen"].to_pylist() == ["mbg"]
    assert value_backtest_table(cases(rate, rate * 1.6, came))["chosen"].to_pylist() == ["bg"]
    assert value_backtest_table(cases(rate, rate, came))["chosen"].to_pylist() == ["bg"]


def test_figures_of_value_stand_beside_the_naive_ones() -> None:
    rng = np.random.default_rng(2)
    rate = rng.gamma(1.0, 1.0, 800)
    came = rng.poisson(rate).astype(float)
    table = cases(rate, rate * 1.1, came)
    (row,) = value_backtest_table(table).to_pylist()
    figures = {(m["scorer"], m["target"], m["metric"]): m for m in row["measures"]}

    totals = figures["bg", "amount", "ratio_of_totals"]
    assert totals["value"] == pytest.approx(rate.sum() / came.sum())
    assert totals["baseline_value"] == pytest.approx(1.0)
    correlation = figures["mbg", "purchases", "correlation"]
    assert correlation["value"] == pytest.approx(np.corrcoef(rate, came)[0, 1])
    assert correlation["baseline_value"] == pytest.approx(np.corrcoef(np.roll(came, 1), came)[0, 1])
    assert sum(decile["sum_actual"] for decile in row["deciles"]) == pytest.approx(came.sum() * 10)
    assert value_backtest_table(shuffled(table)).to_pylist() == [row]


def test_without_a_forecast_there_is_nothing_to_measure() -> None:
    nothing = np.full(50, np.nan)
    empty = cases(nothing, nothing, np.ones(50))
    (row,) = value_backtest_table(empty).to_pylist()
    assert (row["chosen"], row["squared_error_ratio"], row["measures"]) == ("bg", None, [])
    assert value_backtest_table(CASES.empty_table()).num_rows == 0


def customers(base: Histories) -> pa.Table:
    mean = np.where(base.x > 0, 20.0, np.nan)
    columns = {"segment": ["person"] * len(base.x), "x": base.x, "t_x": base.t_x, "age": base.age}
    return pa.table(columns | {"mean_repeat_amount": pa.array(mean, from_pandas=True)})


def totals(amount: float | None) -> pa.Table:
    return pa.table(
        {
            "segment": ["person"],
            "horizon_days": [28],
            "model": ["bg"],
            "predicted_amount": pa.array([amount], pa.float64()),
        }
    )


def test_a_total_lies_within_its_interval_which_a_larger_base_narrows(simulated: Callable[..., Histories]) -> None:
    widths = []
    for count in (800, 8000):
        base = simulated(KNOWN, count, 4, 60)
        (row,) = total_table(totals(1000.0), customers(base), fit_table(patterns(base), spent(base))).to_pylist()
        assert row["low"] < 1000.0 < row["high"]
        widths.append(row["high"] - row["low"])
    assert widths[1] < widths[0] / 2


def test_a_total_of_parameters_that_the_data_do_not_bound_has_no_interval(base: Histories) -> None:
    fits = fit_table(patterns(base), spent(base))
    unbound = fits.set_column(fits.schema.get_field_index("state"), "state", [["not_identified"] * fits.num_rows])
    (row,) = total_table(totals(1000.0), customers(base), unbound).to_pylist()
    assert (row["predicted_amount"], row["low"], row["high"]) == (1000.0, None, None)
    (row,) = total_table(totals(None), customers(base), fits).to_pylist()
    assert (row["low"], row["high"]) == (None, None)


def churn_cases(seed: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    parts = []
    for cutoff in (date(2025, 3, 1), date(2025, 4, 1), date(2025, 5, 1), date(2025, 6, 1), CUT):
        score = rng.beta(1.0, 3.0, 400)
        outcome = (rng.random(400) < score).astype(float)
        parts.append(
            pa.table(
                {
                    "customer_id": [f"C{number}" for number in range(400)],
                    "segment": ["person"] * 400,
                    "horizon_days": [28] * 400,
                    "cutoff_on": pa.array([cutoff] * 400),
                    "outcome": pa.array([None] * 400 if cutoff == CUT else outcome, pa.float64()),
                    "score": score,
                    "recency_days": rng.integers(0, 90, 400).astype(float),
                    "n28": rng.random(400),
                }
            )
        )
    return pa.concat_tables(parts)


def test_todays_scores_are_those_of_the_chosen_scorer_whatever_the_order_of_rows() -> None:
    table = churn_cases(1)
    tested = backtest_table(table, ["n28"])
    today = table.filter(pa.array([day == CUT for day in table["cutoff_on"].to_pylist()]))
    scores = score_table(today, tested)

    (row,) = tested.to_pylist()
    # The closed form is perfectly calibrated here, and nothing is left to learn.
    assert row["chosen"] == "closed_form"
    assert scores["churn_probability"].to_pylist() == today["score"].to_pylist()
    other = score_table(shuffled(today), backtest_table(shuffled(table, 3), ["n28"]))
    assert other.sort_by("customer_id") == scores.sort_by("customer_id")


def test_nobody_is_scored_where_nothing_was_tested() -> None:
    today = churn_cases(1).slice(0, 0)
    assert score_table(today, backtest_table(today, ["n28"])).num_rows == 0
