"""The process's environment: the only place where variables are read."""

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from orchestration.errors import BadInput

PROJECT = Path(__file__).resolve().parent.parent
"""The checkout: dbt models, sources, warehouses and suites are read from here."""

WAREHOUSE = "demo"
"""The warehouse that nobody needs to name."""

# Libraries look these up in the environment; telemetry is off whatever they say there.
QUIET = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "OMP_NUM_THREADS": "1",
}


@dataclass(frozen=True)
class Settings:
    """Variables that the project understands (all optional)."""

    home: Path
    warehouse: str
    dagster_home: Path | None
    threads: int
    memory_limit: str | None
    kill_after: str | None
    user: str = "unknown"
    erasure_secret: str | None = field(default=None, repr=False)
    home_named_by: str = field(default="the default home", compare=False)
    warehouse_named_by: str = field(default="the default warehouse", compare=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Reads ``LIUCUN_{HOME, WAREHOUSE, THREADS, MEMORY_LIMIT, KILL_AFTER, ERASURE_SECRET}`` and
        ``DAGSTER_HOME``.

        Raises:
            BadInput: a variable has a value that cannot be used.
        """
        values = os.environ if environment is None else environment
        threads = values.get("LIUCUN_THREADS") or str(os.cpu_count() or 1)
        if not threads.isdecimal() or int(threads) < 1:
            raise BadInput(f"LIUCUN_THREADS: expected a whole number from 1, found {threads!r}")
        memory_limit = values.get("LIUCUN_MEMORY_LIMIT") or None
        if memory_limit and not re.fullmatch(r"\d+(\.\d+)? ?([KMGT]i?)?B", memory_limit):
            raise BadInput(f"LIUCUN_MEMORY_LIMIT: expected a size such as 4GB, found {memory_limit!r}")
        dagster_home, home = values.get("DAGSTER_HOME"), values.get("LIUCUN_HOME")
        return cls(
            home=Path(home or PROJECT / "var").resolve(),
            warehouse=_absolute(values.get("LIUCUN_WAREHOUSE") or WAREHOUSE),
            dagster_home=Path(dagster_home).absolute() if dagster_home else None,
            threads=int(threads),
            memory_limit=memory_limit,
            kill_after=values.get("LIUCUN_KILL_AFTER") or None,
            user=values.get("USER") or values.get("LOGNAME") or "unknown",
            erasure_secret=values.get("LIUCUN_ERASURE_SECRET") or None,
            home_named_by="LIUCUN_HOME" if home else "the default home",
        )

    def override(self, home: Path | None = None, warehouse: str | None = None) -> "Settings":
        """The same settings with what the command line says instead."""
        chosen = replace(self, home=home.resolve(), home_named_by="--home") if home else self
        if not warehouse:
            return chosen
        return replace(chosen, warehouse=_absolute(warehouse), warehouse_named_by="--warehouse")

    @property
    def options(self) -> tuple[str, ...]:
        """What a command must name to mean this warehouse in any shell, also one without these variables."""
        said: list[str] = []
        if self.warehouse != WAREHOUSE or self.warehouse_named_by == "--warehouse":
            said += ["--warehouse", self.warehouse]
        if self.home != PROJECT / "var" or self.home_named_by == "--home":
            said += ["--home", str(self.home)]
        return tuple(said)

    def require_home(self) -> None:
        """Refuses a home that cannot be used; it need not exist yet.

        Raises:
            BadInput: the home, or the folder that it would be made in, is not a folder that can be written.
        """
        # Path.exists raises where a folder above may not be looked into.
        existing = next(path for path in (self.home, *self.home.parents) if os.access(path, os.F_OK))
        if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
            raise BadInput(
                f"{self.home_named_by}: {existing} is not a folder that can be written; "
                "name another one with --home or LIUCUN_HOME"
            )


def is_path(warehouse: str) -> bool:
    """Whether a warehouse is named by the path of its YAML, and not by a name under ``warehouses/``."""
    path = Path(warehouse)
    return path.suffix in (".yml", ".yaml") or len(path.parts) != 1


def _absolute(warehouse: str) -> str:
    # Not resolved: the name of a link is the name of the warehouse.
    return str(Path(warehouse).absolute()) if is_path(warehouse) else warehouse


def command_line(words: str, options: Sequence[str]) -> str:
    """``liucun <words>`` as it can be pasted, with the ``options`` of its warehouse."""
    return " ".join(("liucun", words, *map(shlex.quote, options)))


def set_environment(values: Mapping[str, str]) -> None:
    """Sets variables that libraries read (dbt's profile, telemetry switches) for this process and its children."""
    os.environ.update(values)


def environment_with(values: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with some values instead, for a program that replaces it."""
    return {**os.environ, **values}
