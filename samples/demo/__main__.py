"""Writes the demo company from the command line: python -m samples.demo ROOT --size M --seed 2 --days 30."""

import argparse
import sys
from pathlib import Path

from samples.demo.company import SIZES
from samples.demo.making import generate
from samples.packages import SampleError


def main(arguments: list[str] | None = None) -> int:
    """Write ROOT/landing and ROOT/truth; 3 if that cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m samples.demo", description=__doc__)
    parser.add_argument("root", type=Path, help="folder that gets landing/ and truth/")
    parser.add_argument("--size", choices=list(SIZES), default="S")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, help="number of daily loads; the size's own if not given")
    chosen = parser.parse_args(arguments)
    try:
        written = generate(chosen.root, chosen.size, chosen.seed, chosen.days)
    except SampleError as error:
        print(error, file=sys.stderr)
        return 3
    print(f"{len(written)} files written to {chosen.root / 'landing'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
