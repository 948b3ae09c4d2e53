"""The demo company in several sizes, step by step, and its merging and its forecasts held against the truth."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb

from benchmarks.forecasts import forecasts
from benchmarks.steps import section
from benchmarks.table import table
from benchmarks.work import Broken, Work, command, say
from customer_models.identity.graph import connected_components
from customer_models.identity.pairwise import pairwise
from orchestration.settings import PROJECT

GOALS = {"S": 45.0, "M": 150.0}
"""Seconds for the extracts and the run on two cores; L is measured without a goal."""
SEED = 1
EXACT_RULES = ["uscc", "openid", "email", "mobile_name", "pointer"]
"""The rules of ``identity.id_edge`` that decide alone, and the sources' own merges."""


def measure(work: Work, sizes: Sequence[str]) -> str:
    """For each size the run's table; then, for the first size, merging and forecasts against the truth."""
    parts = []
    for size in sizes:
        root = work.fresh("demo")
        root.mkdir()
        parts.append(_run(root, size))
        if size == sizes[0]:
            warehouse = root / "home" / "company" / "private" / "warehouse.duckdb"
            parts += [merging(warehouse, root / "truth"), forecasts(warehouse, root / "truth")]
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
    """Pairs of records that are one customer: what exact rules alone find of them, and what was merged.

    A kind's recall is over the pairs of a second record of that kind with the other records of its customer. Test
    accounts are nobody's and left out.
    """
    with duckdb.connect(str(warehouse), read_only=True) as con:
        found = {
            "exact rules": exact_clusters(con),
            "Liucun": dict(con.execute("select record_key, customer_id from identity.id_crosswalk").fetchall()),
        }
        rows = con.execute(
            f"select record_key, true_id, duplicate_kind, is_duplicate, kind from '{truth / 'customers.parquet'}'"
            " where true_id is not null"
        ).fetchall()
    known = [row for row in rows if row[0] in found["Liucun"]]
    true = {record: true_id for record, true_id, *_ in known}
    groups: dict[str, list[str]] = {}
    for record, true_id in true.items():
        groups.setdefault(true_id, []).append(record)
    pairs: dict[str, list[tuple[str, str]]] = {}
    for record, true_id, kind, is_double, _ in known:
        if is_double:
            pairs.setdefault(kind, []).extend((record, other) for other in groups[true_id] if other != record)
    parties = {
        "": true,
        " of people": {record: true_id for record, true_id, *_, kind in known if kind == "person"},
        " of organisations": {record: true_id for record, true_id, *_, kind in known if kind != "person"},
    }
    lines = []
    for party, of_party in parties.items():
        scores = [pairwise(of_party, {record: of[record] for record in of_party}) for of in found.values()]
        shares = {
            f"merged pairs{party}": ["", *(f"{score.found_pairs:,}" for score in scores)],
            "  precision": ["", *(_share(score.shared_pairs, score.found_pairs) for score in scores)],
            "  recall": [
                f"{scores[0].true_pairs:,}",
                *(_share(score.shared_pairs, score.true_pairs) for score in scores),
            ],
        }
        lines += [[name, *figures] for name, figures in shares.items()]
    lines.append(["recall by kind", *[""] * (1 + len(found))])
    for kind, of_kind in sorted(pairs.items()):
        together = [sum(clusters[one] == clusters[other] for one, other in of_kind) for clusters in found.values()]
        lines.append([f"  {kind}", f"{len(of_kind):,}", *(_share(count, len(of_kind)) for count in together)])
    return f"Merging against the truth, recall by kind of second record\n{table(('', 'true pairs', *found), lines)}"


def exact_clusters(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Customers of a warehouse's records, had the exact rules alone decided."""
    records = con.sql("select record_key from identity.id_crosswalk").to_arrow_table()
    same = con.sql("from identity.id_edge where verdict = 'same' and list_contains(?, rule)", params=[EXACT_RULES])
    components = connected_components(records, same.to_arrow_table())
    return dict(zip(*(column.to_pylist() for column in components.columns), strict=True))


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.4f}" if whole else "-"
