"""A million records of 700,000 people, merged by exact rules, by Splink and by Liucun, beside what can be found."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.identity.ceiling import LARGEST_BLOCK, Ceiling, ceiling, make_pairs, reaches
from benchmarks.identity.days import differing, next_day
from benchmarks.identity.keys import make_keys
from benchmarks.identity.liucun import Built, liucun_crosswalk
from benchmarks.identity.rules import exact_clusters
from benchmarks.identity.score import score_arrays
from benchmarks.table import against, table
from benchmarks.work import Broken, Work, say
from customer_models.identity.pairwise import PairwiseScore
from orchestration.settings import PROJECT
from samples.people import Rates, twin

SEED = 1
TWINS = {
    "another seed": (2, Rates()),
    "households and missing phones doubled": (3, twin()),
}
"""On which nothing was ever chosen."""
PRECISION, F1, TIMES, MEMORY, SECOND_DAY, TWIN = 0.99, 0.97, 2.5, 3072, 0.25, 0.01
NOTE = f"""\
Precision and recall over pairs of records within clusters. Splink's threshold is the best of a grid against the truth,
which no user has. The ceiling: true pairs that share a valid phone, e-mail or openid, or flat and surname, or the name
in pinyin and a phone but for one edit, a birth date, an e-mail but for its host, or (a phone missing) a city where at
most five records have that name; chained, also pairs that such pairs of the same person join. Beyond it lies guessing.
Candidates: pairs in blocks of at most {LARGEST_BLOCK} records."""


@dataclass(frozen=True)
class Truth:
    """A truth set with the tables ``keys``, ``truth`` and ``pairs``, and the person of each record as a number."""

    folder: Path
    con: duckdb.DuckDBPyConnection
    ceiling: Ceiling
    seconds: float

    @property
    def customers(self) -> Path:
        """The records as staging has them."""
        return self.folder / "customers.parquet"

    @property
    def truth(self) -> Path:
        """Who they are."""
        return self.folder / "truth" / "customers.parquet"

    def score(self, clusters: str | pa.Table) -> PairwiseScore:
        """Of ``record_key`` and a second column with the cluster: a table, or SQL for one."""
        relation = clusters
        if isinstance(clusters, pa.Table):
            self.con.register("scored", clusters.rename_columns(["record_key", "cluster"]))
            relation = "scored"
        rows = self.con.sql(f"""
            select dense_rank() over (order by true_id) as person, dense_rank() over (order by cluster) as cluster
            from truth
            inner join (
                select record_key, columns(* exclude (record_key)) as cluster from {relation}
            ) using (record_key)
        """).to_arrow_table()
        return score_arrays(*(np.asarray(rows[name].to_numpy()) for name in ("person", "cluster")))


def measure(work: Work, records: int, with_twins: bool = True) -> str:
    """The tables: merging, its parts by kind of duplicate, time and memory, the next day, twins, and blocking keys."""
    root = work.fresh("identity")
    truth = make(root, records, SEED, Rates())
    say("exact rules")
    exact = exact_clusters(truth.con)
    say("Splink")
    splink, splink_clusters = run_splink(truth)
    say("Liucun")
    built = liucun_crosswalk(truth.customers, root / "home", root / "crosswalk.parquet")
    found = {"exact rules": exact, "Splink alone": splink_clusters, "Liucun": f"'{built.crosswalk}'"}
    scores = {name: truth.score(clusters) for name, clusters in found.items()}
    parts = [
        f"{records:,} records of {round(records * Rates().people_per_record):,} people, made in {truth.seconds:.0f} s",
        merging(scores, truth.ceiling, splink["best_weight"]),
        kinds(truth, found),
        costs(splink, built),
        second_day(root, truth, built),
        keys(truth),
    ]
    truth.con.close()
    if with_twins:
        parts.insert(-1, twins(root, records, scores["Liucun"]))
    shutil.rmtree(root)
    return "\n\n".join([*parts, NOTE])


def make(folder: Path, records: int, seed: int, rates: Rates) -> Truth:
    """Generates a truth set below ``folder`` and opens it."""
    say(f"writing {records:,} records, seed {seed}")
    started = time.monotonic()
    # In a process of its own, so that what it needs of memory is given back.
    script = (
        "import sys; from pathlib import Path; from samples.people import Rates, generate; generate(Path(sys.argv[1]), "
    )
    script += f"{records}, {seed}, rates={rates!r})"
    done = subprocess.run([sys.executable, "-c", script, str(folder)], cwd=PROJECT, capture_output=True, text=True)
    if done.returncode:
        raise Broken(done.stderr)
    seconds = time.monotonic() - started
    con = duckdb.connect(config={"threads": 2})
    make_keys(con, folder / "customers.parquet")
    con.execute(f"create table truth as from '{folder / 'truth' / 'customers.parquet'}'")
    make_pairs(con)
    return Truth(folder, con, ceiling(con), seconds)


def run_splink(truth: Truth) -> tuple[dict[str, Any], str]:
    """What Splink costs, and SQL for its clusters."""
    keys_file, out = truth.folder / "keys.parquet", truth.folder / "splink.parquet"
    truth.con.execute(f"copy keys to '{keys_file}'")
    arguments = [sys.executable, "-m", "benchmarks.identity.splink", str(keys_file), str(truth.truth), str(out)]
    done = subprocess.run(arguments, cwd=PROJECT, capture_output=True, text=True)
    if done.returncode:
        raise Broken("\n".join((done.stdout + done.stderr).splitlines()[-12:]))
    return json.loads(done.stdout.splitlines()[-1]), f"'{out}'"


def merging(scores: Mapping[str, PairwiseScore], found: Ceiling, weight: float) -> str:
    """Precision, recall and F1 of each, and the ceiling of recall."""
    rows = [
        [f"{name} (weight {weight:g})" if name.startswith("Splink") else name, f"{score.found_pairs:,}",
         f"{score.shared_pairs:,}", rate(score.precision), rate(score.recall), rate(score.f1)]
        for name, score in scores.items()
    ]  # fmt: skip
    total = found.true_pairs
    rows.append(["ceiling: pairs that share", "", f"{found.any_shared:,}", "", rate(found.any_shared / total), ""])
    rows.append(["ceiling: chained", "", f"{found.chained:,}", "", rate(found.chained / total), ""])
    ours = scores["Liucun"]
    verdict = (
        f"{total:,} true pairs; goals of Liucun: precision {PRECISION} "
        f"{against(ours.precision or 0.0, PRECISION, at_least=True)}, "
        f"F1 {F1} {against(ours.f1 or 0.0, F1, at_least=True)}"
    )
    return f"{table(('merged by', 'pairs', 'of them true', 'precision', 'recall', 'F1'), rows)}\n{verdict}"


def kinds(truth: Truth, found: Mapping[str, str | pa.Table]) -> str:
    """Recall over the pairs of a second record of each kind with the other records of its person."""
    measures = ["avg(cast(is_reachable as integer)) as ceiling"]
    joins = []
    for number, (name, clusters) in enumerate(found.items()):
        relation = clusters
        if isinstance(clusters, pa.Table):
            truth.con.register(f"found_{number}", clusters)
            relation = f"found_{number}"
        view = f"(select record_key, columns(* exclude (record_key)) as cluster from {relation})"
        for side in ("left", "right"):
            joins.append(f"inner join {view} as {side}_{number} on pairs.{side}_key = {side}_{number}.record_key")
        same = f"left_{number}.cluster = right_{number}.cluster"
        measures.append(f'avg(case when {same} then 1 else 0 end) as "{name}"')
    rows = truth.con.execute(f"""
        with sides as (
            select *, left_kind as kind from pairs
            union all
            select *, right_kind from pairs
        )
        select kind, count(*), {", ".join(measures)}
        from sides as pairs
        {" ".join(joins)}
        where kind <> 'first'
        group by kind
        order by count(*) desc, kind
    """).fetchall()
    lines = [[kind, f"{count:,}", *(rate(value) for value in values)] for kind, count, *values in rows]
    return table(("worst damage of a second record", "true pairs", "ceiling", *found), lines)


def costs(splink: Mapping[str, Any], built: Built) -> str:
    """Seconds and memory of Splink's prediction and clustering, and of Liucun from staged records to crosswalk."""
    theirs = splink["predict_seconds"] + splink["cluster_seconds"]
    rows = [
        ["Splink: train", f"{splink['train_seconds']:.1f}", "", ""],
        ["Splink: predict", f"{splink['predict_seconds']:.1f}", "", f"{splink['pairs']:,} pairs kept"],
        ["Splink: cluster", f"{splink['cluster_seconds']:.1f}", f"{splink['peak_memory_mib']:,}", ""],
        ["Liucun: staged to crosswalk", f"{built.seconds:.1f}", f"{built.peak_memory_mib:,}",
         f"{built.cpu_seconds:.1f} CPU-seconds; dbt's parse before it {built.parse_seconds:.1f} s"],
        *[[f"  {name}", f"{seconds:.2f}", "", ""] for name, seconds in built.nodes[:12]],
    ]  # fmt: skip
    verdict = (
        f"Liucun takes {built.seconds / theirs:.1f} times Splink's predict and cluster ({theirs:.1f} s), goal {TIMES}: "
        f"{against(built.seconds / theirs, TIMES)}; peak goal {MEMORY:,} MiB: "
        f"{against(built.peak_memory_mib, MEMORY)}"
    )
    return f"{table(('step', 'seconds', 'peak MiB', 'what'), rows, left=('what',))}\n{verdict}"


def second_day(root: Path, truth: Truth, first: Built) -> str:
    """The day after in the same warehouse, against a full run over the same records in a new one."""
    say("Liucun, the next day")
    customers = next_day(truth.customers, root, SEED)
    day = liucun_crosswalk(customers, root / "home", root / "day.parquet", first.crosswalk)
    say("Liucun, the next day in full")
    full = liucun_crosswalk(customers, root / "full", root / "full.parquet", first.crosswalk)
    apart, ids = differing(day.crosswalk, full.crosswalk)
    lines = [
        [name, f"{built.seconds:.1f}", f"{built.cpu_seconds:.1f}", f"{built.peak_memory_mib:,}"]
        for name, built in (("first day", first), ("next day", day), ("next day in full", full))
    ]
    verdict = (
        f"the next day takes {day.seconds / first.seconds:.0%} of the first, goal {SECOND_DAY:.0%}: "
        f"{against(day.seconds / first.seconds, SECOND_DAY)}; records clustered otherwise than by the full run: "
        f"{apart:,} ({against(apart, 0)}); other ids: {ids:,}"
    )
    return f"{table(('1 % new or changed', 'seconds', 'CPU-seconds', 'peak MiB'), lines)}\n{verdict}"


def twins(root: Path, records: int, ours: PairwiseScore) -> str:
    """Liucun on worlds that nothing was chosen on."""
    lines, worst = [], 0.0
    for name, (seed, rates) in TWINS.items():
        folder = root / f"twin-{seed}"
        truth = make(folder, records, seed, rates)
        say(f"Liucun: {name}")
        built = liucun_crosswalk(truth.customers, folder / "home", folder / "crosswalk.parquet")
        score = truth.score(f"'{built.crosswalk}'")
        exact = truth.score(exact_clusters(truth.con))
        reach = truth.ceiling.any_shared / truth.ceiling.true_pairs
        lines.append([name, *(rate(x) for x in (score.precision, score.recall, score.f1, exact.f1, reach))])
        worst = max(worst, (ours.f1 or 0.0) - (score.f1 or 0.0))
        truth.con.close()
        shutil.rmtree(folder)
    headers = ("twin", "precision", "recall", "F1", "F1 of exact rules", "ceiling of recall")
    return f"{table(headers, lines)}\nF1 lower by at most {worst:.4f}, goal {TWIN}: {against(worst, TWIN)}"


def keys(truth: Truth) -> str:
    """What each key to block by reaches of the true pairs, and how many candidates it makes."""
    total = truth.ceiling.true_pairs
    rows: Sequence[Sequence[str]] = [
        [reach.name, f"{reach.true_pairs_capped:,}", rate(reach.true_pairs_capped / total),
         f"{reach.beyond_identifiers:,}", f"{reach.candidates_capped:,}", f"{reach.candidates:,}", f"{reach.largest:,}"]
        for reach in reaches(truth.con)
    ]  # fmt: skip
    headers = ("key", "true pairs", "share", "beyond the ceiling", "candidates", "without a cap", "largest block")
    return table(headers, rows)


def rate(value: float | None) -> str:
    """Four digits, or a hyphen."""
    return "-" if value is None else f"{value:.4f}"
