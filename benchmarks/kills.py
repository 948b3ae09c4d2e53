"""Runs killed with SIGKILL at seeded times: the next one, undisturbed, must end as if nothing had happened."""

import hashlib
import json
import os
import random
import shutil
import signal
import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from benchmarks.forked import Forked
from benchmarks.steps import STEP
from benchmarks.table import table
from benchmarks.work import Broken, Work, say
from orchestration.folders import Folders
from samples.shop import Shop

FIRST_RUN_EVERY = 4
"""Every fourth kill hits a shop's first run, the others the run of its second day."""


@dataclass(frozen=True)
class Outcome:
    """What a run left: rows and checksum of every published table, and the digests of the accepted rows."""

    tables: dict[str, Any]
    raw: dict[str, str]


@dataclass(frozen=True)
class Scenario:
    """A home to run in, and what an undisturbed run makes of it. ``seconds`` of whole runs grow as they are seen."""

    template: Path
    undisturbed: Outcome
    seconds: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Kill:
    """One kill: the last step that had ended, and what was wrong after the next run (nothing, if all is well)."""

    number: int
    seconds: float
    after: str
    late: int
    wrong: tuple[str, ...]


def measure(work: Work, kills: int, seed: int) -> str:
    """The table of ``kills`` kills; as many at once as there are cores.

    Raises:
        Broken: a run after a kill did not end as an undisturbed one.
    """
    folder = work.fresh("kills")
    (folder / "shop").mkdir(parents=True)
    shop = Shop(folder / "shop")
    workers = min(os.cpu_count() or 1, kills)
    free: SimpleQueue[tuple[Forked, Path]] = SimpleQueue()
    parents = [Forked() for _ in range(workers)]
    try:
        say("the undisturbed runs")
        scenarios = _scenarios(shop, folder, parents[0])
        for number, parent in enumerate(parents):
            free.put((parent, folder / f"home-{number}"))

        def one(number: int) -> Kill:
            parent, home = free.get()
            try:
                kill = _kill(number, seed, scenarios[number % FIRST_RUN_EVERY != 0], shop.warehouse, parent, home)
            finally:
                free.put((parent, home))
            say(f"kill {number + 1} of {kills}, {kill.seconds:.1f} s in: {'; '.join(kill.wrong) or 'as undisturbed'}")
            return kill

        with ThreadPoolExecutor(workers) as pool:
            done = list(pool.map(one, range(kills)))
    finally:
        for parent in parents:
            parent.close()
    if any(kill.wrong for kill in done):
        raise Broken(report(done, seed))
    return report(done, seed)


def report(done: list[Kill], seed: int) -> str:
    """The table: kills by the last step that had ended, and how many of them the next run made good."""
    all_of, well = Counter(kill.after for kill in done), Counter(kill.after for kill in done if not kill.wrong)
    rows = [[after, str(count), str(well[after])] for after, count in sorted(all_of.items(), key=lambda i: -i[1])]
    rows.append(["all", str(len(done)), str(sum(well.values()))])
    lines = [table(("killed after", "kills", "then as undisturbed"), rows)]
    lines += [f"WRONG kill {k.number} at {k.seconds:.2f} s: {'; '.join(k.wrong)}" for k in done if k.wrong]
    late = sum(kill.late for kill in done)
    lines.append(f"seed {seed}; {late} more runs had ended before their kill came, and were repeated")
    return "\n".join(lines)


def _scenarios(shop: Shop, folder: Path, parent: Forked) -> tuple[Scenario, Scenario]:
    """The shop's first run, and the run of its second day; both with what dbt remembers of having parsed the project.

    Parsing anew is half of a first run, and writes nothing but that.
    """
    templates = [folder / "template-first", folder / "template-second"]
    parsed = Folders(shop.root).dbt_target
    seconds, outcomes = 0.0, []
    for template in templates:
        if template is templates[0]:
            shop.land()
        else:
            shop.land_next_day()
        shutil.copytree(shop.home, template, symlinks=True)
        seconds = _run(parent, shop.home, shop.warehouse)
        outcomes.append(outcome(Folders(shop.root)))
    shutil.copytree(parsed, templates[0] / parsed.relative_to(shop.home))
    first, second = (Scenario(t, o, [seconds]) for t, o in zip(templates, outcomes, strict=True))
    return first, second


def _run(parent: Forked, home: Path, warehouse: Path) -> float:
    """One undisturbed run; its seconds."""
    out = home.with_suffix(".out")
    started = time.monotonic()
    code = parent.run("run", "--home", home, "--warehouse", warehouse, environment={"FORKED_OUT": str(out)})
    if code:
        raise Broken(f"a run that nobody disturbed ended with {code}:\n{out.read_text(encoding='utf-8')[-2000:]}")
    return time.monotonic() - started


def _kill(number: int, seed: int, scenario: Scenario, warehouse: Path, parent: Forked, home: Path) -> Kill:
    chance = random.Random(f"{seed}:{number}")
    folders = Folders(home / warehouse.stem)
    out = home.with_suffix(".out")
    late = 0
    while True:
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(scenario.template, home, symlinks=True)
        out.unlink(missing_ok=True)
        before = outcome(folders).tables
        seconds = chance.random() * statistics.median(scenario.seconds)
        child = parent.start("run", "--home", home, "--warehouse", warehouse, environment={"FORKED_OUT": str(out)})
        time.sleep(seconds)
        # Nobody else may have its number: an ended child keeps it until its parent waits for it.
        os.kill(child, signal.SIGKILL)
        if (code := parent.wait(child)) == -signal.SIGKILL:
            break
        if code != 0:
            raise Broken(f"a run ended with {code} before its kill:\n{out.read_text(encoding='utf-8')[-2000:]}")
        late += 1
    printed = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
    steps = [found["name"] for line in printed if (found := STEP.fullmatch(line))]
    wrong = [] if outcome(folders).tables in (before, scenario.undisturbed.tables) else ["readers saw something else"]
    scenario.seconds.append(_run(parent, home, warehouse))
    wrong += differences(scenario.undisturbed, outcome(folders))
    if any(folders.incoming.iterdir()):
        wrong.append("incoming is not empty")
    return Kill(number, seconds, steps[-1] if steps else "nothing yet", late, tuple(wrong))


def outcome(folders: Folders) -> Outcome:
    """What lies in a warehouse's folders; no tables before the first published run."""
    manifest = folders.published / "current" / "manifest.json"
    tables = json.loads(manifest.read_text(encoding="utf-8"))["tables"] if manifest.is_file() else {}
    raw = {
        path.relative_to(folders.raw).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folders.raw.rglob("data.parquet"))
    }
    return Outcome(tables, raw)


def differences(expected: Outcome, found: Outcome) -> list[str]:
    """Names of what differs, in words."""
    tables = sorted(
        name for name in expected.tables | found.tables if expected.tables.get(name) != found.tables.get(name)
    )
    raw = sorted(name for name in expected.raw | found.raw if expected.raw.get(name) != found.raw.get(name))
    return [f"{name} differs" for name in tables] + [f"raw/{name} differs" for name in raw]
