"""`python -m benchmarks`, which `make bench` calls: every section, or those that --only names."""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import demo, ingest, kills, lifetime, marts, readers, replay, steps
from benchmarks.identity import report as identity
from benchmarks.work import Broken, Work, machine
from orchestration.settings import QUIET, set_environment
from samples.demo import SIZES

TITLES = {
    "steps": "The complete_journey run, step by step",
    "demo": "The demo company, step by step",
    "identity": "A million records of people, merged",
    "lifetime": "Forecasts of a million customers",
    "replay": "The demo day by day against one run",
    "marts": "The marts against bare aggregations",
    "ingest": "Ingest of clean UTF-8 CSV",
    "kills": "Runs killed at random times",
    "readers": "Readers while runs are flipped",
    "older": "The published file in an older DuckDB",
}


def main() -> int:
    """Prints the sections in order; returns 0 if each could be measured and nothing that must hold was broken."""
    options = _options()
    chosen = options.only or [name for name in TITLES if name != "older"]
    if options.older and "older" not in chosen:
        chosen.append("older")
    set_environment(QUIET)
    print(machine())
    well = True
    with tempfile.TemporaryDirectory(prefix="liucun-bench-") as folder:
        work = Work(Path(folder))
        sections: dict[str, Callable[[], str]] = {
            "steps": lambda: steps.measure(work, options.repeats),
            "demo": lambda: demo.measure(work, options.sizes),
            "identity": lambda: identity.measure(work, options.records),
            "lifetime": lambda: lifetime.measure(work, options.records),
            "replay": lambda: replay.measure(work, options.days, options.keep),
            "marts": lambda: marts.measure(work),
            "ingest": lambda: ingest.measure(work, max(options.repeats, 3)),
            "kills": lambda: kills.measure(work, options.kills, options.seed),
            "readers": lambda: readers.measure(work, options.flips),
            "older": lambda: _older(work),
        }
        for name in (name for name in TITLES if name in chosen):
            print(f"\n== {TITLES[name]} ==", flush=True)
            started = time.monotonic()
            try:
                print(sections[name]())
            except Broken as problem:
                well = False
                print(f"BROKEN: {problem}")
            print(f"({time.monotonic() - started:.0f} s; {machine()})", flush=True)
    return 0 if well else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", type=_names, metavar="NAMES", help=f"of {','.join(TITLES)}, separated by commas")
    parser.add_argument("--older", action="store_true", help="open the published file with DuckDB 1.4 (installs it)")
    parser.add_argument("--repeats", type=int, default=1, help="of the complete_journey run (default %(default)s)")
    parser.add_argument("--sizes", type=_sizes, default=["S", "M"], help="of the demo, of XS,S,M,L (default S,M)")
    parser.add_argument(
        "--records", type=int, default=1_000_000, help="of people, and to forecast (default %(default)s)"
    )
    parser.add_argument("--days", type=int, default=30, help="of the replay, up to 731 (default %(default)s)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="of the replay: kept, and continued where it ended")
    parser.add_argument("--kills", type=int, default=20, help="default %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="of the kills' times (default %(default)s)")
    parser.add_argument("--flips", type=int, default=50, help="default %(default)s")
    options = parser.parse_args()
    for name in ("repeats", "records", "days", "kills", "flips"):
        if getattr(options, name) < 1:
            parser.error(f"--{name}: expected 1 or more")
    return options


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if unknown := sorted(set(names) - set(TITLES)):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; there are {', '.join(TITLES)}")
    return names


def _sizes(text: str) -> list[str]:
    sizes = [size.strip() for size in text.split(",")]
    if unknown := sorted(set(sizes) - set(SIZES)):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; there are {', '.join(SIZES)}")
    return sizes


def _older(work: Work) -> str:
    script = Path(__file__).with_name("read_with_older_duckdb.py")
    run = work.sample_folders().published / "current"
    done = subprocess.run([sys.executable, str(script), str(run)], capture_output=True, text=True)
    if done.returncode:
        raise Broken(f"{done.stdout}{done.stderr}")
    return done.stdout.rstrip()


if __name__ == "__main__":
    sys.exit(main())
