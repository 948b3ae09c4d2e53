"""Where things lie inside one warehouse's folder."""

import os
from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import BadInput
from orchestration.settings import command_line


@dataclass(frozen=True)
class Folders:
    """The folders of one warehouse below ``root`` (``$LIUCUN_HOME/<warehouse>``), and what a command names it by."""

    root: Path
    options: tuple[str, ...] = ()

    def command(self, words: str) -> str:
        """A command on this warehouse, as a message tells it."""
        return f"`{command_line(words, self.options)}`"

    @property
    def landing(self) -> Path:
        """Files as the source systems exported them; never changed."""
        return self.root / "landing"

    @property
    def incoming(self) -> Path:
        """Loads converted to Parquet that no gate has judged yet; swept at the start of a run."""
        return self.root / "incoming"

    @property
    def raw(self) -> Path:
        """Accepted loads, one folder each."""
        return self.root / "raw"

    @property
    def quarantine(self) -> Path:
        """Refused loads: why, and the rows that could not be read."""
        return self.root / "quarantine"

    @property
    def overrides(self) -> Path:
        """Decisions of people: load decisions, merge overrides."""
        return self.root / "overrides"

    @property
    def state(self) -> Path:
        """What only history knows, one folder per run."""
        return self.root / "state"

    @property
    def private(self) -> Path:
        """For the run alone; may be deleted at any time."""
        return self.root / "private"

    @property
    def published(self) -> Path:
        """What readers may open."""
        return self.root / "published"

    @property
    def warehouse_file(self) -> Path:
        """DuckDB file in which dbt builds."""
        return self.private / "warehouse.duckdb"

    @property
    def dbt_target(self) -> Path:
        """dbt's artefacts and its parse cache."""
        return self.private / "dbt"

    @property
    def logs(self) -> Path:
        """Logs and gate reports."""
        return self.private / "logs"

    @property
    def exports(self) -> Path:
        """Files for people who act on customers, keyed by the sources' own ids."""
        return self.private / "exports"

    def require_usable(self) -> None:
        """Refuses a file where a folder is expected, and a folder that may not be looked into or lies on another disk.

        Raises:
            BadInput: there is one; nothing there is fine.
        """
        inner = (self.incoming, self.raw, self.quarantine, self.overrides, self.state, self.private, self.published)
        for folder in (self.root, self.landing, *inner):
            if not os.path.lexists(folder):
                continue
            if not folder.is_dir():
                raise BadInput(f"{folder}: expected a folder, found a file (or a link to nothing); move it away")
            if not os.access(folder, os.R_OK | os.X_OK):
                raise BadInput(
                    f"{folder}: may not be read; it is another user's: run as that user, or name another home"
                )
        # Loads pass from one to the next by renaming, which no file system does into another.
        disk = self.root.stat().st_dev if self.root.is_dir() else None
        for folder in (self.incoming, self.raw, self.quarantine):
            if folder.is_dir() and folder.stat().st_dev != disk:
                raise BadInput(
                    f"{folder}: lies on another disk than {self.root}; move the whole warehouse there and name it "
                    "with --home or LIUCUN_HOME"
                )
