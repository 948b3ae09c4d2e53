"""What the steps of the complete_journey run cost, first from nothing, then with nothing new."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.table import against, table
from benchmarks.work import SAMPLE, Finished, Printed, Work, command, say

FIRST_GOAL, SECOND_GOAL = 60.0, 25.0
STEP = re.compile(r"(?P<name>[a-z_]+) +(?:(?P<rows>[\d,]+) rows +)?(?P<seconds>\d+\.\d\d) s(?:  (?P<note>.*))?")
MAKING = "writing the extracts"

Measured = tuple[Finished, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Line:
    """One step, or the time between steps. ``before`` is what passed since the step before: imports, dbt's parse."""

    name: str
    seconds: float
    before: float = 0.0
    cpu_seconds: float | None = None
    rows: int | None = None
    peak_memory_mib: int | None = None
    note: str = ""


def measure(work: Work, repeats: int) -> str:
    """The two tables; of several repeats each shows the run with the median of the wall times."""
    first: list[Measured] = []
    second: list[Measured] = []
    for number in range(repeats):
        home = work.fresh("steps")
        for runs, name in ((first, "first"), (second, "second")):
            say(f"{SAMPLE}: {name} run, {number + 1} of {repeats}")
            finished = command("run", "--home", home, "--warehouse", SAMPLE)
            manifest = home / SAMPLE / "published" / "current" / "manifest.json"
            runs.append((finished, json.loads(manifest.read_text(encoding="utf-8"))["steps"]))
    return "\n\n".join(
        [
            section("First run, from an empty home (it writes the sample's extracts, too)", first, FIRST_GOAL),
            section("Second run, nothing new", second, SECOND_GOAL),
            "before = seconds between the step before and this one; peak = the process's so far, in MiB.",
        ]
    )


def section(title: str, runs: Sequence[Measured], goal: float | None) -> str:
    """A table of the run with the median of the wall times; its last line holds them against ``goal`` seconds."""
    by_wall = sorted(runs, key=lambda run: run[0].seconds)
    finished, steps = by_wall[(len(by_wall) - 1) // 2]
    walls = ", ".join(f"{run[0].seconds:.1f}" for run in by_wall)
    lines = lines_of(finished.lines, finished.seconds, steps)
    total = Line("as the user sees it", finished.seconds, 0.0, finished.cpu_seconds, None, finished.peak_memory_mib)
    rows = [
        [
            line.name,
            f"{line.before:.2f}" if line.before >= 0.005 else "",
            f"{line.seconds:.2f}",
            "" if line.cpu_seconds is None else f"{line.cpu_seconds:.2f}",
            "" if line.rows is None else f"{line.rows:,}",
            "" if line.peak_memory_mib is None else f"{line.peak_memory_mib:,}",
            line.note,
        ]
        for line in (*lines, total)
    ]
    headers = ("step", "before", "seconds", "CPU-seconds", "rows", "peak", "what")
    verdict = f"{walls} s" + ("" if goal is None else f"; goal {goal:.0f} s: {against(finished.seconds, goal)}")
    return f"{title}\n{table(headers, rows, left=('what',))}\n{verdict}"


def lines_of(printed: Sequence[Printed], wall: float, steps: Sequence[Mapping[str, Any]]) -> list[Line]:
    """The lines of a table from what a run printed and when, completed by the manifest's ``steps``.

    The manifest is written before the last steps, so these have neither CPU-seconds nor memory.
    """
    known = {step["name"]: step for step in steps}
    lines: list[Line] = []
    last, is_first = 0.0, True
    for line in printed:
        if line.text.startswith(MAKING):
            lines.append(Line("start", line.seconds, note="imports, settings"))
            last = line.seconds
        if not (found := STEP.fullmatch(line.text)):
            continue
        step = known.get(found["name"], {})
        seconds = float(step.get("seconds", found["seconds"]))
        before = max(line.seconds - seconds - last, 0.0)
        if is_first:
            name, note = ("extracts", "the sample's CSV files") if lines else ("start", "imports, settings")
            lines.append(Line(name, before, note=note))
            before, is_first = 0.0, False
        rows = int(found["rows"].replace(",", "")) if found["rows"] else None
        cpu, peak = step.get("cpu_seconds"), step.get("peak_memory_mib")
        lines.append(Line(found["name"], seconds, before, cpu, rows, peak, found["note"] or ""))
        last = line.seconds
    return [*lines, Line("end", max(wall - last, 0.0), note="summary, exit")]
