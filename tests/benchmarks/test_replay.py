"""A replay that was ended goes on with the first morning that it has not published."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from benchmarks.replay import replay
from benchmarks.work import Broken
from orchestration.publish.manifest import Manifest, write_manifest
from samples.demo import generate

DAYS = 8


class Publisher:
    """Publishes nothing but a manifest; ends with exit code 1 once, at the run of that number."""

    def __init__(self, ends_at: int | None = None) -> None:
        self.runs: list[tuple[str, str]] = []
        self._ends_at = ends_at

    def __call__(self, home: Path, as_of: str, known_on: str) -> int:
        if len(self.runs) == self._ends_at:
            return 1
        self.runs.append((home.name, known_on))
        folder = home / "company" / "published" / "current"
        folder.mkdir(parents=True, exist_ok=True)
        days = date.fromisoformat(as_of), date.fromisoformat(known_on)
        write_manifest(folder, Manifest("r", None, "daily", *days, datetime.now(UTC), {}, (), {}))
        return 0


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("extracts")
    generate(root, "XS", days=DAYS)
    return root


@pytest.mark.parametrize("stretches", [1, 2])
@pytest.mark.parametrize("ends_at", [0, 1, 4, DAYS])
def test_a_replay_that_was_ended_runs_each_morning_once_and_in_order(
    extracts: Path, tmp_path: Path, stretches: int, ends_at: int
) -> None:
    for name in ("whole", "parts"):
        shutil.copytree(extracts, tmp_path / name)
    whole = Publisher()
    pairs = replay(tmp_path / "whole", DAYS, whole, stretches)
    ended, continued = Publisher(ends_at), Publisher()
    with pytest.raises(Broken, match="ended with 1"):
        replay(tmp_path / "parts", DAYS, ended, stretches)
    again = replay(tmp_path / "parts", DAYS, continued, stretches)

    assert sorted(ended.runs + continued.runs) == sorted(whole.runs)
    assert len(whole.runs) == DAYS + stretches
    for home in {home for home, _ in whole.runs}:
        mornings = [known_on for name, known_on in ended.runs + continued.runs if name == home]
        assert mornings == sorted(mornings)
    relative = [[path.relative_to(tmp_path / root).as_posix() for pair in found for path in pair]
                for root, found in (("whole", pairs), ("parts", again))]  # fmt: skip
    assert relative[0] == relative[1]
