"""`make docs`: what every table and column means, and what it is made of, as one page to open from disk."""

import shutil
import sys

from orchestration.errors import LiucunError
from orchestration.prepare import prepare
from orchestration.settings import PROJECT, Settings

PAGE = PROJECT / "site" / "index.html"


def main() -> int:
    """Writes ``site/index.html`` for the warehouse of the environment; returns the exit code."""
    try:
        prepared = prepare(Settings.from_environment())
        print(f"describing {len(prepared.manifest['nodes'])} nodes of {prepared.name} ...", flush=True)
        PAGE.parent.mkdir(exist_ok=True)
        shutil.copyfile(prepared.dbt.describe(), PAGE)
    except LiucunError as error:
        print(f"liucun: {error}", file=sys.stderr)
        return error.exit_code
    print(PAGE.relative_to(PROJECT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
