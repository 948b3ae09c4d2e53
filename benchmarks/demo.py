"""The demo company in several sizes, step by step, and its merging held against the truth."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb

from benchmarks.steps import section
from benchmarks.table import table
from benchmarks.work import Broken, Work, command, say
from customer_models.identity.pairwise import PairwiseScore, pairwise
from orchestration.settings import PROJECT

GOALS = {"S": 45.0, "M": 150.0}
"""Seconds for the extracts and the run on two cores; L is measured without a goal."""
SEED = 1


def measure(work: Work, sizes: Sequence[str]) -> str:
    """For each size the run's table; then, for the first size, what exact rules find of the true duplicates."""
    parts = []
    for size in sizes:
        root = work.fresh("demo")
        root.mkdir()
        parts.append(_run(root, size))
        if size == sizes[0]:
            parts.append(merging(root / "home" / "company" / "private" / "warehouse.duckdb", root / "truth"))
        # A large size fills the disk.
        shutil.rmtree(root)
    return "\n\n".join(parts)


def _run(root: Path, size: str) -> str:
    say(f"writing the extracts of the demo, size {size}")
    written = subprocess.run(
        [sys.executable, "-c", _GENERATE, str(root), size, str(SEED)], cwd=PROJECT, capture_output=True, text=True
    )
    if written.returncode:
        raise Broken(written.stderr)
    seconds, peak, files, size_bytes = (float(part) for part in written.stdout.split())
    shutil.copy(PROJECT / "warehouses" / "demo.yml", root / "company.yml")
    home = root / "home" / "company"
    home.mkdir(parents=True)
    (root / "landing").rename(home / "landing")
    say(f"running size {size}")
    finished = command("run", "--home", root / "home", "--warehouse", root / "company.yml")
    steps = json.loads((home / "published" / "current" / "manifest.json").read_text(encoding="utf-8"))["steps"]
    extracts = f"{files:,.0f} files of {size_bytes / 2**20:,.0f} MiB written in {seconds:.1f} s, {peak:,.0f} MiB"
    goal = GOALS.get(size)
    title = f"Demo {size}, from its extracts ({extracts})"
    return section(title, [(finished, steps)], None if goal is None else goal - seconds)


_GENERATE = """
import resource, sys, time
from pathlib import Path
from samples.demo import generate
started = time.monotonic()
files = generate(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(time.monotonic() - started, peak, len(files), sum(path.stat().st_size for path in files))
"""


def merging(warehouse: Path, truth: Path) -> str:
    """Pairs of records: how many of those merged are the same customer, and how many of the true ones were merged.

    A kind's recall is over the pairs of a second record of that kind with the other records of its customer.
    """
    with duckdb.connect(str(warehouse), read_only=True) as con:
        found = dict(con.execute("select record_key, customer_id from identity.id_crosswalk").fetchall())
        rows = con.execute(
            f"select record_key, true_id, duplicate_kind, is_duplicate from '{truth / 'customers.parquet'}'"
        ).fetchall()
    known = [(record, true_id or record, kind, double) for record, true_id, kind, double in rows if record in found]
    whole = pairwise({record: true_id for record, true_id, _, _ in known}, found)
    groups: dict[str, list[str]] = {}
    for record, true_id, _, _ in known:
        groups.setdefault(true_id, []).append(record)
    pairs: dict[str, list[bool]] = {}
    for record, true_id, kind, is_double in known:
        if is_double:
            together = [found[record] == found[other] for other in groups[true_id] if other != record]
            pairs.setdefault(kind, []).extend(together)
    lines = [[kind, f"{len(p):,}", f"{sum(p):,}", _share(sum(p), len(p))] for kind, p in sorted(pairs.items())]
    lines.append(["all", f"{whole.true_pairs:,}", f"{whole.shared_pairs:,}", _share_of(whole)])
    headers = ("kind of second record", "true pairs", "found", "recall")
    return (
        f"Exact rules against the truth: {whole.shared_pairs:,} of {whole.found_pairs:,} merged pairs are the same "
        f"customer, precision {_share(whole.shared_pairs, whole.found_pairs)}\n{table(headers, lines)}"
    )


def _share_of(score: PairwiseScore) -> str:
    return _share(score.shared_pairs, score.true_pairs)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.4f}" if whole else "-"
