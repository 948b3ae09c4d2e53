"""The folder that a benchmark works in, and the machine that it works on."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.folders import Folders
from orchestration.settings import PROJECT, QUIET, Settings

SAMPLE = "complete_journey"
COMMAND = Path(sys.executable).with_name("liucun")


class Broken(Exception):
    """What was to be measured did not work."""


@dataclass(frozen=True)
class Printed:
    """One line that a command printed, and how many seconds after its start."""

    seconds: float
    text: str


@dataclass(frozen=True)
class Finished:
    """A command that ended well: wall and CPU seconds, peak memory in MiB, its lines."""

    seconds: float
    cpu_seconds: float
    peak_memory_mib: int
    lines: tuple[Printed, ...]


@dataclass(frozen=True)
class Work:
    """A temporary folder; each section takes a folder of its own in it."""

    folder: Path

    def fresh(self, name: str) -> Path:
        """A folder for ``name`` that does not exist yet."""
        number = sum(path.name.startswith(f"{name}-") for path in self.folder.iterdir())
        return self.folder / f"{name}-{number}"

    def sample(self) -> Settings:
        """Settings of a home in which complete_journey is published: the newest there is, or one made now."""
        homes = sorted(path.parents[2] for path in self.folder.glob(f"steps-*/{SAMPLE}/published/current"))
        home = homes[-1] if homes else self.fresh("steps")
        if not homes:
            say(f"running {SAMPLE} once, for what follows")
            command("run", "--home", home, "--warehouse", SAMPLE)
        return Settings.from_environment({}).override(home=home, warehouse=SAMPLE)

    def sample_folders(self) -> Folders:
        """The folders of ``sample``."""
        return Folders(self.sample().home / SAMPLE)


def command(*arguments: object, accept: Sequence[int] = (0,)) -> Finished:
    """Runs ``liucun`` as a user does, in a process of its own.

    Raises:
        Broken: it ended with another exit code than those to ``accept``; the message has the end of what it printed.
    """
    started = time.monotonic()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LIUCUN_")} | QUIET
    process = subprocess.Popen(
        [str(COMMAND), *(str(argument) for argument in arguments)],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    lines = tuple(Printed(time.monotonic() - started, line.rstrip("\n")) for line in process.stdout)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accept:
        last = "\n".join(line.text for line in lines[-10:])
        raise Broken(f"liucun {arguments[0]} ended with {process.returncode}:\n{last}")
    return Finished(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024, lines)


def machine() -> str:
    """One line: cores, load, versions."""
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{os.cpu_count()} cores, load {load} (1, 5, 15 minutes), "
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    )


def say(text: str) -> None:
    """A line of progress, apart from the tables."""
    print(f"  … {text}", file=sys.stderr, flush=True)
