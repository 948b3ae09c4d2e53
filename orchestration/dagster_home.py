"""Dagster's own folder: run history for its page; nothing of the warehouse depends on it."""

from pathlib import Path

from orchestration.files import write_whole
from orchestration.prepare import Prepared

DAGSTER_YAML = """\
telemetry:
  enabled: false
nux:
  enabled: false
# One run at a time: the second would only find the lock taken.
concurrency:
  runs:
    max_concurrent_runs: 1
"""


def dagster_home(prepared: Prepared) -> Path:
    """The folder that DAGSTER_HOME names, else one of the warehouse's own; made with telemetry off.

    Warehouses must not share one: schedules and queued runs have the same names in each.
    """
    home = prepared.settings.dagster_home or prepared.settings.home / ".dagster" / prepared.name
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").is_file():
        write_whole(home / "dagster.yaml", DAGSTER_YAML)
    return home
