"""Dagster's own folder: run history for its page; nothing of the warehouse depends on it."""

from pathlib import Path

from orchestration.files import write_whole
from orchestration.settings import Settings

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


def dagster_home(settings: Settings) -> Path:
    """The folder that DAGSTER_HOME names, else one beside the warehouses; made with telemetry off."""
    home = settings.dagster_home or settings.home / ".dagster"
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").is_file():
        write_whole(home / "dagster.yaml", DAGSTER_YAML)
    return home
