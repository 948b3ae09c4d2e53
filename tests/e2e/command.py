"""The command line for fixtures that live longer than one test: in this process, its environment as it was before."""

import contextlib
import io
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.cli import main
from samples.shop import Shop
from tests.e2e.conftest import Result, checksums


def command(*arguments: object, **environment: str) -> Result:
    """Runs one command with these variables added."""
    before = dict(os.environ)
    os.environ.update(environment)
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([str(argument) for argument in arguments])
    finally:
        os.environ.clear()
        os.environ.update(before)
    return Result(code, out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class Home:
    """A LIUCUN_HOME with one warehouse in it."""

    home: Path
    warehouse: Path

    @classmethod
    def of(cls, shop: Shop) -> "Home":
        """The shop's own."""
        return cls(shop.home, shop.warehouse)

    @property
    def root(self) -> Path:
        """The warehouse's folder."""
        return self.home / self.warehouse.stem

    def copy(self, to: Path) -> "Home":
        """The same home elsewhere, for a test that changes it."""
        shutil.copytree(self.home, to, symlinks=True)
        return Home(to, self.warehouse)

    def __call__(self, name: str, *arguments: object, **environment: str) -> Result:
        """Runs a command on it."""
        return command(name, *arguments, "--home", self.home, "--warehouse", self.warehouse, **environment)

    def published(self, *arguments: object, **environment: str) -> dict[str, object]:
        """Runs the job, which must publish; rows and checksum of every table."""
        result = self("run", *arguments, **environment)
        assert result.code == 0, result.err
        return checksums(self.root)

    def query(self, sql: str, run: str = "current") -> list[tuple]:  # type: ignore[type-arg]
        """Rows of a published file."""
        folder = self.root / "published" / run if run == "current" else self.root / "published" / "runs" / run
        with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as con:
            return con.sql(sql).fetchall()
