"""The pictures of docs/lifetime-value.md, drawn from both real data sets: python -m docs.lifetime_pictures.

A warehouse that is not published yet below ``LIUCUN_HOME`` is run first; it takes a minute.
"""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.ticker import FixedLocator, PercentFormatter

from customer_models.lifetime.beta_geometric import BetaGeometric, Kind
from customer_models.lifetime.histories import WEEK_DAYS, Floats
from customer_models.lifetime.tracking import expected_cumulative
from docs.pictures import save
from orchestration.settings import PROJECT, Settings

FOLDER = PROJECT / "docs" / "lifetime"
WAREHOUSES = ("cdnow", "complete_journey")
CUT = date(1997, 9, 30)
"""CDNOW is fitted up to this day, as in the literature."""
ACTUAL, MODEL, MARK, GREY = "#30638e", "#d1495b", "#edae49", "#6c757d"
TICKS = (0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1)
DIGITS = 4
"""Of what is drawn: beyond them machines differ, and pictures would change where nothing has."""


@dataclass(frozen=True)
class Tracking:
    """Repeat purchases of a cohort, week by week from its first day: cumulative, at the end of each week.

    ``cut``: weeks that the model was fitted on.
    """

    actual: Floats
    expected: Floats
    cut: float


@dataclass(frozen=True)
class Tenth:
    """A tenth of the customers by forecast: its mean, the share that stayed away, how many they are."""

    forecast: float
    share: float
    count: int


@dataclass(frozen=True)
class Life:
    """P(alive) of a customer on each day from the first purchase, by MBG/NBD and by BG/NBD.

    Days count from one origin for all customers.
    """

    label: str
    days: Floats
    alive: Floats
    alive_bg: Floats
    purchases: tuple[int, ...]


def tracking(warehouse: duckdb.DuckDBPyConnection, cut: date) -> Tracking:
    """Actual repeat purchases of all customers, and those that BG/NBD expects when fitted up to ``cut``."""
    firsts, repeats = (
        warehouse.execute(
            f"""select datediff('day', min(purchase_on) over (), purchase_on) as day, purchase_number
                from core.fct_purchase_day qualify purchase_number {numbers}
                order by day"""
        ).fetchnumpy()["day"]
        for numbers in ("= 1", "> 1")
    )
    row = warehouse.execute(
        "select datediff('day', min(purchase_on), ?), datediff('day', min(purchase_on), max(purchase_on)) "
        "from core.fct_purchase_day",
        [cut],
    ).fetchone()
    assert row is not None
    cut_day, last_day = row
    # A week ends with its seventh day, and a customer's age on a day is counted from the first purchase's.
    ends = np.arange(WEEK_DAYS - 1, last_day + 1, WEEK_DAYS)
    days, customers = np.unique(firsts, return_counts=True)
    expected = expected_cumulative(_model(warehouse, "bg", cut), days / WEEK_DAYS, customers, ends / WEEK_DAYS)
    actual = np.searchsorted(np.sort(repeats), ends, side="right").astype(np.float64)
    return Tracking(actual, expected, (cut_day + 1) / WEEK_DAYS)


def tenths(marts: duckdb.DuckDBPyConnection, horizon_days: int) -> tuple[date, str, list[Tenth]]:
    """The last cut-off, the scorer that is chosen, and its tenths."""
    rows = marts.execute(
        """select cutoff_on, scorer, metric_value, baseline_value, customer_count
           from mart_model_quality
           where target = 'churn' and metric = 'decile_mean' and is_chosen and horizon_days = ?
           qualify cutoff_on = max(cutoff_on) over ()
           order by segment, decile""",
        [horizon_days],
    ).fetchall()
    return rows[0][0], rows[0][1], [Tenth(*row[2:]) for row in rows]


def lives(warehouse: duckdb.DuckDBPyConnection) -> list[Life]:
    """Who bought most often, who bought often and then not for half a year, and a one-time buyer.

    With the parameters of the whole history.
    """
    row = warehouse.execute(
        "select min(purchase_on), (select max(cutoff_on) from core.fct_model_run) from core.fct_purchase_day"
    ).fetchone()
    assert row is not None
    (origin, end), found = row, []
    models = _model(warehouse, "mbg", end), _model(warehouse, "bg", end)
    for label, rule in (
        ("{n} purchase days", "true"),
        ("{n} purchase days, then none", f"last_on < date '{end}' - 200 and last_on > first_on + 90"),
        ("one purchase", "x = 0"),
    ):
        days = warehouse.execute(
            f"""with customers as (
                    select customer_id, count(*) - 1 as x, min(purchase_on) as first_on, max(purchase_on) as last_on
                    from core.fct_purchase_day group by customer_id
                ), one as (select customer_id from customers where {rule} order by x desc, last_on, customer_id limit 1)
                select datediff('day', ?, purchase_on)
                from core.fct_purchase_day semi join one using (customer_id) order by 1""",
            [origin],
        ).fetchall()
        purchases = tuple(day for (day,) in days)
        found.append(life(label.format(n=len(purchases)), *models, purchases, (end - origin).days))
    return found


def life(label: str, mbg: BetaGeometric, bg: BetaGeometric, purchases: Sequence[int], last_day: int) -> Life:
    """P(alive) at the end of each day up to ``last_day``, from what had happened by then; days are numbers."""
    bought = np.asarray(purchases, dtype=np.float64)
    days = np.arange(bought[0], last_day + 1)
    x = np.searchsorted(bought, days, side="right") - 1
    t_x, age = (bought[x] - bought[0]) / WEEK_DAYS, (days - bought[0]) / WEEK_DAYS
    return Life(label, days, mbg.p_alive(x, t_x, age), bg.p_alive(x, t_x, age), tuple(purchases))


def draw_tracking(numbers: Tracking, target: Path) -> None:
    """Cumulative and weekly repeat purchases, actual beside expected, the end of what was fitted marked."""
    weeks = np.arange(1, len(numbers.actual) + 1)
    figure, panels = plt.subplots(1, 2, figsize=(9, 3.8))
    steps = [np.diff(line, prepend=0.0) for line in (numbers.actual, numbers.expected)]
    titles = ("Repeat purchases since the first week", "Repeat purchases per week")
    for axes, title, (actual, expected) in zip(
        panels, titles, ((numbers.actual, numbers.expected), steps), strict=True
    ):
        axes.plot(weeks, actual, color=ACTUAL, linewidth=1.6, label="actual")
        axes.plot(weeks, np.round(expected, DIGITS), color=MODEL, linewidth=1.6, label="BG/NBD")
        axes.axvline(numbers.cut, color=GREY, linewidth=0.9, linestyle="--")
        axes.set_title(title, loc="left", fontsize=11)
        axes.set_xlabel("week")
        axes.set_ylim(bottom=0)
        axes.set_xlim(0, len(weeks) + 1)
        axes.spines[["top", "right"]].set_visible(False)
    top = panels[0].get_ylim()[1]
    panels[0].text(numbers.cut - 1, top, f"fitted on {numbers.cut:.0f} weeks", ha="right", va="top", color=GREY)
    panels[0].text(numbers.cut + 1, top, "forecast", va="top", color=GREY)
    panels[0].legend(frameon=False, loc="lower right")
    save(figure, target)


def draw_calibration(rows: Sequence[Tenth], title: str, target: Path) -> None:
    """Mean forecast of each tenth against the share that stayed away, with a 95 % interval and the diagonal."""
    forecast, share, count = (np.array([getattr(row, name) for row in rows]) for name in ("forecast", "share", "count"))
    low, high = wilson(share, count)
    forecast, share, low, high = (np.round(line, DIGITS) for line in (forecast, share, low, high))
    figure, axes = plt.subplots(figsize=(5.6, 5.2))
    top = 1.08 * max(forecast.max(), high.max())
    axes.plot([0, top], [0, top], color=GREY, linewidth=0.9, linestyle="--", label="came as forecast")
    axes.vlines(forecast, low, high, color=ACTUAL, linewidth=1.2, alpha=0.6, label="95 % interval of the share")
    axes.plot(forecast, share, "o", color=ACTUAL, clip_on=False, label="a tenth of the customers")
    for axis, name in ((axes.xaxis, "x"), (axes.yaxis, "y")):
        # Most customers come back: on even axes half of the tenths would lie on one another.
        getattr(axes, f"set_{name}scale")("function", functions=(_root, np.square))
        axis.set_major_locator(FixedLocator([tick for tick in TICKS if tick <= top]))
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    axes.set_xlabel("mean forecast (axes widened near 0)")
    axes.set_ylabel("share without a purchase")
    axes.set_title(title, loc="left", fontsize=11)
    axes.legend(frameon=False, loc="upper left")
    axes.spines[["top", "right"]].set_visible(False)
    save(figure, target)


def draw_lives(customers: Sequence[Life], target: Path) -> None:
    """P(alive) over time, a panel for each customer, a mark for each purchase."""
    figure, panels = plt.subplots(1, len(customers), figsize=(9, 3.2), sharey=True, squeeze=False)
    for axes, customer in zip(panels[0], customers, strict=True):
        weeks, bought = np.round((customer.days + 1) / WEEK_DAYS, DIGITS), np.isin(customer.days, customer.purchases)
        alive, by_bg = np.round(customer.alive, DIGITS), np.round(customer.alive_bg, DIGITS)
        axes.plot(weeks, by_bg, color=MODEL, linewidth=1.3, linestyle=":", label="BG/NBD")
        axes.plot(weeks, alive, color=ACTUAL, linewidth=1.4, label="MBG/NBD")
        axes.plot(weeks[bought], alive[bought], ".", color=ACTUAL, markersize=5, label="purchase")
        axes.set_xlim(0, weeks[-1] + 1)
        axes.set_ylim(0, 1.04)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.set_xlabel("week")
        axes.set_title(customer.label, loc="left", fontsize=11)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0, 0].set_ylabel("P(alive)")
    panels[0, 0].legend(frameon=False, loc="lower right")
    save(figure, target)


def wilson(share: Floats, count: Floats) -> tuple[Floats, Floats]:
    """The 95 % interval of shares (Wilson, "Probable inference", JASA 1927)."""
    z = 1.959964
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def is_published(folder: Path) -> bool:
    """Whether the warehouse in this folder is published with the tables that are drawn."""
    marts, warehouse = folder / "published" / "current" / "marts.duckdb", folder / "private" / "warehouse.duckdb"
    if not marts.exists() or not warehouse.exists():
        return False
    with duckdb.connect(str(marts), read_only=True) as con:
        return bool(con.execute("from duckdb_tables() where table_name = 'mart_model_quality'").fetchall())


def main() -> int:
    """Runs what is not published, and draws; returns the exit code."""
    home = Settings.from_environment().home
    for name in WAREHOUSES:
        if not is_published(home / name):
            command = [sys.executable, "-m", "orchestration.cli", "run", "--home", str(home), "--warehouse", name]
            code = subprocess.run(command, cwd=PROJECT, check=False).returncode
            if code:
                return code
    FOLDER.mkdir(exist_ok=True)
    journey, cdnow = home / "complete_journey", home / "cdnow"
    with duckdb.connect(str(cdnow / "private" / "warehouse.duckdb"), read_only=True) as warehouse:
        draw_tracking(tracking(warehouse, CUT), FOLDER / "tracking.svg")
        draw_lives(lives(warehouse), FOLDER / "p_alive.svg")
    with duckdb.connect(str(journey / "published" / "current" / "marts.duckdb"), read_only=True) as marts:
        cutoff_on, scorer, rows = tenths(marts, 28)
    draw_calibration(rows, f"No purchase in 28 days after {cutoff_on} ({scorer})", FOLDER / "calibration.svg")
    print(FOLDER.relative_to(PROJECT))
    return 0


def _root(values: Floats) -> Floats:
    return np.sqrt(np.maximum(values, 0.0))


def _model(warehouse: duckdb.DuckDBPyConnection, kind: Kind, cutoff_on: date) -> BetaGeometric:
    row = warehouse.execute(
        """select r, alpha, a, b from core.fct_model_run where model = ? and history = 'life' and cutoff_on = ?
           order by as_of_date desc limit 1""",
        [kind, cutoff_on],
    ).fetchone()
    assert row is not None
    return BetaGeometric(kind, *row)


if __name__ == "__main__":
    sys.exit(main())
