"""The pictures of README and docs, drawn from what a warehouse published: python docs/pictures.py FOLDER."""

import sys
from datetime import date
from pathlib import Path

import duckdb
import matplotlib

matplotlib.use("svg")
# Without them every drawing has other ids and another date, and version control shows a change where there is none.
matplotlib.rcParams["svg.hashsalt"] = "liucun"
matplotlib.rcParams["svg.fonttype"] = "none"

from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.ticker import PercentFormatter  # noqa: E402

HERE = Path(__file__).resolve().parent
KINDS = {"retained_customers": "#30638e", "reactivated_customers": "#74a7d6", "new_customers": "#edae49"}


def save(figure: Figure, target: Path) -> None:
    """Writes the figure as an SVG, the same bytes for the same numbers, and closes it."""
    figure.tight_layout()
    figure.savefig(target, metadata={"Date": None})
    plt.close(figure)


def retention(marts: duckdb.DuckDBPyConnection, target: Path) -> None:
    """Active customers per month by where they come from, those lost below the line, and the retention rate."""
    rows = marts.execute(
        f"""select period_start, {", ".join(KINDS)}, lapsed_customers, retention_rate
            from mart_retention_period
            where period_grain = 'month' and segment_type = 'all' and not is_partial and not is_left_censored
            order by period_start"""
    ).fetchall()
    months: list[date] = [row[0] for row in rows]
    figure, (counts, rates) = plt.subplots(2, 1, figsize=(9, 5.2), height_ratios=(3, 1.4), sharex=True)
    bottom = [0] * len(rows)
    for position, (name, colour) in enumerate(KINDS.items(), start=1):
        heights = [row[position] for row in rows]
        counts.bar(months, heights, bottom=bottom, width=22, color=colour, label=name.removesuffix("_customers"))
        bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
    counts.bar(months, [-row[-2] for row in rows], width=22, color="#d1495b", label="lapsed")
    counts.axhline(0, color="black", linewidth=0.8)
    counts.set_title("Active customers per month (mart_retention_period)", loc="left")
    counts.legend(ncols=4, frameon=False, loc="upper left")
    counts.margins(y=0.18)
    rates.plot(months, [float(row[-1]) if row[-1] is not None else None for row in rows], color="#30638e", marker="o")
    rates.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    rates.set_title("Retention rate: of last month's customers, those who bought again", loc="left")
    for axes in (counts, rates):
        axes.spines[["top", "right"]].set_visible(False)
    save(figure, target)


def main() -> int:
    """Draws from the published folder named on the command line; returns the exit code."""
    if len(sys.argv) != 2:
        print("expected one folder, such as var/demo/published/current", file=sys.stderr)
        return 3
    with duckdb.connect(str(Path(sys.argv[1]) / "marts.duckdb"), read_only=True) as marts:
        retention(marts, HERE / "retention.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
