"""The formulas of repeat purchases in SQL give what scipy does, for one-time buyers and daily ones, new and old."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from scipy import special, stats

from customer_models.lifetime.beta_geometric import BetaGeometric
from customer_models.lifetime.gamma_gamma import GammaGamma

PARAMETERS = ("r", "alpha", "a", "b")
BOTH = pytest.mark.parametrize("kind", ["bg", "mbg"])


@pytest.fixture(scope="module")
def macros(rendering: Callable[..., Any]) -> Any:
    return rendering()


def scored(database: duckdb.DuckDBPyConnection, macros: Any, kind: str, rows: pa.Table) -> SimpleNamespace:
    """p_alive, p_no_purchase and expected purchases of each row, as arrays."""
    database.register("customers", rows)
    found = database.execute(
        f"""
        with alive as (
            select *, {macros.p_alive(kind, "x", "t_x", "age", *PARAMETERS)} as p_alive from customers
        )
        select
            p_alive,
            {macros.p_no_purchase("p_alive", "x", "age", "horizon", "r", "alpha")} as p_no_purchase,
            {macros.expected_purchases(kind, "p_alive", "x", "age", "horizon", *PARAMETERS)} as expected
        from alive
        """
    ).fetchall()
    columns = np.array(found, dtype=np.float64).T
    return SimpleNamespace(p_alive=columns[0], p_no_purchase=columns[1], expected=columns[2])


def customers(parameters: dict[str, float], histories: list[tuple[int, float, float]], horizons: list[int]) -> pa.Table:
    rows = [(*history, days / 7) for history in histories for days in horizons]
    x, t_x, age, horizon = zip(*rows, strict=True)
    repeated = {name: pa.array([value] * len(rows), pa.float64()) for name, value in parameters.items()}
    return pa.table({"x": pa.array(x, pa.int64()), "t_x": t_x, "age": age, "horizon": horizon, **repeated})


HISTORIES = [
    (0, 0.0, 0.0),
    (0, 0.0, 1 / 7),
    (0, 0.0, 30.0),
    (0, 0.0, 520.0),
    (1, 1 / 7, 1 / 7),
    (1, 20.0, 30.0),
    (3, 10.0, 10.0),
    (12, 50.0, 52.0),
    (90, 13.0, 13.0),
    (300, 100.0, 104.0),
    (300, 43.0, 520.0),
    (1500, 300.0, 300.0),
]
HORIZONS = [28, 56, 90, 365]


def counted(kind: str, row: dict[str, float]) -> float:
    """Expected purchases while alive as a sum of positive terms: would buy more than j times, survives j purchases."""
    shape, scale, survive = row["r"] + row["x"], row["alpha"] + row["age"], row["b"] + row["x"] + (kind == "mbg")
    z = row["horizon"] / (scale + row["horizon"])
    j = np.arange(stats.nbinom.isf(1e-17, shape, 1 - z) + 60 - 40 / np.log(z))
    survived = np.exp(special.betaln(row["a"], survive + j) - special.betaln(row["a"], survive))
    return float(np.sum(stats.nbinom.sf(j, shape, 1 - z) * survived))


def alive(kind: str, row: dict[str, float]) -> float:
    run = row["x"] + (kind == "mbg")
    if not run:
        return 1.0
    log_span = np.log((row["alpha"] + row["age"]) / (row["alpha"] + row["t_x"]))
    return float(special.expit(np.log((row["b"] + run - 1) / row["a"]) - (row["r"] + row["x"]) * log_span))


@BOTH
@pytest.mark.parametrize("a", [0.05, 0.7929, 1 - 1e-10, 1.0, 1 + 1e-10, 3.0, 12.0])
@pytest.mark.parametrize(("r", "alpha"), [(0.2426, 4.4136), (0.05, 0.3), (3.0, 1.0), (18.0, 20.0)])
@pytest.mark.parametrize("b", [0.1, 2.4259, 60.0])
def test_sql_says_what_scipy_says(
    database: duckdb.DuckDBPyConnection, macros: Any, kind: str, a: float, r: float, alpha: float, b: float
) -> None:
    table = customers({"r": r, "alpha": alpha, "a": a, "b": b}, HISTORIES, HORIZONS)
    rows = table.to_pylist()
    found = scored(database, macros, kind, table)
    p_alive = np.array([alive(kind, row) for row in rows])
    silent = [
        1 - p * (1 - (1 + row["horizon"] / (row["alpha"] + row["age"])) ** -(row["r"] + row["x"]))
        for p, row in zip(p_alive, rows, strict=True)
    ]

    assert found.p_alive == pytest.approx(p_alive, rel=1e-9, abs=1e-12)
    assert found.p_no_purchase == pytest.approx(np.array(silent), abs=1e-9)
    assert found.expected == pytest.approx(p_alive * [counted(kind, row) for row in rows], rel=1e-9, abs=1e-9)


@BOTH
def test_sql_and_python_are_one_definition(database: duckdb.DuckDBPyConnection, macros: Any, kind: Any) -> None:
    parameters = {"r": 0.5248, "alpha": 6.18, "a": 0.8914, "b": 1.614}
    table = customers(parameters, HISTORIES, [1, *HORIZONS])
    found, model = scored(database, macros, kind, table), BetaGeometric(kind, **parameters)
    x, t_x, age, horizon = (table[name].to_numpy() for name in ("x", "t_x", "age", "horizon"))

    assert found.p_alive == pytest.approx(model.p_alive(x, t_x, age), rel=1e-12, abs=1e-15)
    assert found.p_no_purchase == pytest.approx(model.p_no_purchase(x, t_x, age, horizon), rel=1e-12)
    assert found.expected == pytest.approx(model.expected_purchases(x, t_x, age, horizon), rel=1e-10, abs=1e-12)


@BOTH
def test_whoever_vanished_after_thousands_of_purchases_is_gone_and_nothing_overflows(
    database: duckdb.DuckDBPyConnection, macros: Any, kind: str
) -> None:
    table = customers(
        {"r": 0.24, "alpha": 4.4, "a": 0.8, "b": 2.4}, [(5000, 1.0, 520.0), (5000, 520.0, 520.0)], HORIZONS
    )
    found = scored(database, macros, kind, table)

    assert np.all(found.p_alive[:4] < 1e-300)
    assert found.p_no_purchase[:4] == pytest.approx([1] * 4)
    assert found.expected[:4] == pytest.approx([0] * 4, abs=1e-290)
    assert np.all(found.p_alive[4:] > 0.99)
    assert np.all(np.isfinite(found.expected))


@BOTH
@pytest.mark.parametrize(
    ("r", "alpha", "a", "b"),
    [
        (624362.2, 89194.6, 388446.3, 388446.7),
        (1e5, 42857.1, 3125.5, 1e5),
        (1e-5, 0.021, 1e-4, 393.8),
        (1e5, 1.0, 1e5, 1e-5),
    ],
)
def test_parameters_that_the_data_do_not_bound_give_finite_forecasts(
    database: duckdb.DuckDBPyConnection, macros: Any, kind: Any, r: float, alpha: float, a: float, b: float
) -> None:
    parameters = {"r": r, "alpha": alpha, "a": a, "b": b}
    table = customers(parameters, HISTORIES, HORIZONS)
    found, model = scored(database, macros, kind, table), BetaGeometric(kind, **parameters)
    x, t_x, age, horizon = (table[name].to_numpy() for name in ("x", "t_x", "age", "horizon"))

    assert np.all((found.p_no_purchase >= 0) & (found.p_no_purchase <= 1))
    assert found.expected == pytest.approx(model.expected_purchases(x, t_x, age, horizon), rel=1e-6, abs=1e-9)


@BOTH
def test_without_parameters_nothing_is_said_and_without_time_nothing_happens(
    database: duckdb.DuckDBPyConnection, macros: Any, kind: str
) -> None:
    unknown = scored(database, macros, kind, customers(dict.fromkeys(PARAMETERS, None), HISTORIES, HORIZONS))  # type: ignore[arg-type]
    now = scored(database, macros, kind, customers({"r": 0.24, "alpha": 4.4, "a": 0.8, "b": 2.4}, HISTORIES, [0]))

    assert np.all(np.isnan(unknown.p_alive))
    assert np.all(np.isnan(unknown.p_no_purchase))
    assert np.all(np.isnan(unknown.expected))
    assert np.all(now.p_no_purchase == 1)
    assert np.all(now.expected == 0)


def test_expected_amounts_are_those_of_python(database: duckdb.DuckDBPyConnection, macros: Any) -> None:
    cases = [(0, None), (1, 12.5), (3, -4.0), (3, 0.0), (5000, 80.0), (2, None)]
    expression = macros.expected_order_amount("x", "mean_amount", "p", "q", "v")

    types = {"x": "int", "mean_amount": "double", "p": "double", "q": "double", "v": "double"}
    columns = ", ".join(f"cast(? as {kind}) as {name}" for name, kind in types.items())

    def run(p: float | None, q: float | None, v: float | None) -> list[float | None]:
        query = f"select {expression} from (select {columns})"
        return [database.execute(query, [*case, p, q, v]).fetchall()[0][0] for case in cases]

    expected = GammaGamma(6.25, 3.744, 15.443).expected_order_amount(
        [x for x, _ in cases[:5]], [mean or 0.0 for _, mean in cases[:5]]
    )
    assert run(6.25, 3.744, 15.443)[:5] == pytest.approx(list(expected), rel=1e-12)
    assert run(6.25, 3.744, 15.443)[5] is None
    assert run(0.4, 0.9, 10.0)[:1] == [None]
    assert run(None, None, None) == [None] * 6


def test_money_that_comes_later_is_worth_less(database: duckdb.DuckDBPyConnection, macros: Any) -> None:
    def factor(rate: float, days: int) -> float:
        query = (
            f"select {macros.discount_factor('rate', 'horizon')} from (select ?::double as rate, ?::double as horizon)"
        )
        return float(database.execute(query, [rate, days / 7]).fetchall()[0][0])

    day_by_day = np.mean(1.1 ** -((np.arange(36500) + 0.5) / 36525))

    assert factor(0.1, 365) == pytest.approx(day_by_day, rel=1e-8)
    assert factor(0.0, 365) == 1
    assert 0.99 < factor(0.1, 28) < 1


@pytest.mark.parametrize(("lapsed_after", "days"), [(60, "60"), (90, "90"), (196, "90")])
def test_nobody_who_counts_as_lapsed_is_among_those_on_whom_churn_is_measured(
    rendering: Callable[..., Any], lapsed_after: int, days: str
) -> None:
    assert rendering(var={"lapsed_after_days": lapsed_after}.__getitem__).evaluated_days() == days
