"""Runs the command line in this process: the imports of Dagster, dbt and Great Expectations are paid once."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestration.cli import main


class Result:
    """How a command ended: exit code, what it printed, what it said on standard error."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


Liucun = Callable[..., Result]


@pytest.fixture
def liucun(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Liucun:
    def run(*arguments: object, environment: dict[str, str] | None = None) -> Result:
        for key, value in (environment or {}).items():
            monkeypatch.setenv(key, value)
        capsys.readouterr()
        code = main([str(a) for a in arguments])
        printed = capsys.readouterr()
        return Result(code, printed.out, printed.err)

    return run


def tree(folder: Path) -> dict[str, str]:
    """Every file below a folder with the digest of its bytes; links with where they point."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def checksums(root: Path, run: str = "current") -> dict[str, Any]:
    """Rows and checksum of every published table of a run."""
    folder = root / "published" / run if run == "current" else root / "published" / "runs" / run
    tables: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["tables"]
    return tables
