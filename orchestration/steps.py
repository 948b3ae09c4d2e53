"""The steps of a run: timed, counted, printed as one line each, and a place where a test can kill the process."""

import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TextIO


@dataclass
class Step:
    """One step; ``rows`` and ``note`` are filled in by whoever does the work."""

    name: str
    rows: int | None = None
    note: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_mib: int = 0

    def as_dict(self) -> dict[str, Any]:
        """For the manifest."""
        return {
            "name": self.name,
            "rows": self.rows,
            "note": self.note,
            "seconds": round(self.seconds, 3),
            "cpu_seconds": round(self.cpu_seconds, 3),
            "peak_memory_mib": self.peak_memory_mib,
        }


@dataclass
class Steps:
    """The steps of one run, in order. ``peak_memory_mib`` is the peak so far of the process that took most."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    kill_after: str | None = None
    done: list[Step] = field(default_factory=list)
    failure: BaseException | None = None

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Times the block and prints its line when it ends well; the block may set ``rows`` and ``note``.

        What the block raises is kept in ``failure``: Dagster wraps exceptions, the command line wants the first.
        """
        step = Step(name)
        wall, cpu = time.monotonic(), _cpu_seconds()
        try:
            yield step
        except BaseException as error:
            self.failure = self.failure or error
            raise
        step.seconds, step.cpu_seconds = time.monotonic() - wall, _cpu_seconds() - cpu
        step.peak_memory_mib = max(resource.getrusage(who).ru_maxrss for who in _PROCESSES) // 1024
        self.done.append(step)
        rows = "" if step.rows is None else f"{step.rows:>12,} rows"
        print(f"{name:<18}{rows:<17} {step.seconds:8.2f} s  {step.note}".rstrip(), file=self.out, flush=True)
        self.killable(name)

    def killable(self, name: str) -> None:
        """Ends the process as a power cut would, if this is the point that LIUCUN_KILL_AFTER names."""
        if self.kill_after == name:
            self.out.flush()
            os.kill(os.getpid(), signal.SIGKILL)


_PROCESSES = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _cpu_seconds() -> float:
    """Of this process, and of those that it started and that have ended."""
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, _PROCESSES))
