"""Which dates a run is of, and how it is told that it ended."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from orchestration import daily, run
from orchestration.errors import LiucunError
from orchestration.folders import Folders
from orchestration.prepare import Prepared
from orchestration.run import Dates, Published, Run, RunRequest, open_run
from orchestration.steps import Steps

DAY = date(2025, 11, 20)


def day(text: int) -> date:
    return DAY + timedelta(days=text)


def prepared(root: Path, lag: int = 1) -> Prepared:
    warehouse = SimpleNamespace(extract_lag_days=lag, on_published=None, on_refused=None)
    return cast(Prepared, SimpleNamespace(name="mine", folders=Folders(root), warehouse=warehouse))


@pytest.mark.parametrize(
    ("current", "asked", "newest", "expected"),
    [
        (None, RunRequest(), 0, (0, -1, "daily")),
        ((0, -1), RunRequest(), 1, (1, 0, "daily")),
        ((0, -1), RunRequest(), -3, (0, -1, "daily")),
        # The last day itself was asked for before: nothing that comes after goes back behind it.
        ((0, 0), RunRequest(), 0, (0, 0, "daily")),
        ((0, 0), RunRequest(known_on=DAY), 0, (0, 0, "daily")),
        ((0, 0), RunRequest(), 2, (2, 1, "daily")),
        ((0, -1), RunRequest(as_of=day(-1), known_on=DAY), 0, (0, -1, "daily")),
        ((0, -1), RunRequest(as_of=day(-2)), 0, (-2, -2, "earlier_date")),
        ((0, -1), RunRequest(known_on=day(-1)), 0, (-1, -2, "earlier_date")),
        ((0, -1), RunRequest(as_of=day(-2), known_on=DAY), 0, (0, -2, "earlier_date")),
    ],
)
def test_a_run_goes_back_only_where_it_is_asked_to(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    current: tuple[int, int] | None,
    asked: RunRequest,
    newest: int,
    expected: tuple[int, int, Any],
) -> None:
    shown = current and SimpleNamespace(known_on=day(current[0]), as_of_date=day(current[1]))
    monkeypatch.setattr(run, "current_manifest", lambda _: shown)
    known_on, as_of, kind = expected
    assert run._dates(prepared(tmp_path), asked, day(newest)) == Dates(day(known_on), day(as_of), kind)


@pytest.mark.parametrize(("asked", "known_on"), [(RunRequest(), DAY), (RunRequest(known_on=day(1)), day(1))])
def test_a_refused_load_brings_no_day_with_it_unless_that_day_was_asked_for(
    tmp_path: Path, asked: RunRequest, known_on: date
) -> None:
    accepted = SimpleNamespace(manifest=SimpleNamespace(load_date=DAY))
    found = SimpleNamespace(
        prepared=prepared(tmp_path),
        request=asked,
        ledger=SimpleNamespace(in_force=lambda: (accepted,)),
        dates=Dates(day(1), DAY, "daily"),
        known_on=day(1),
        note=lambda _: None,
    )
    run.settle_dates(cast(Run, found))
    assert found.dates == Dates(known_on, known_on - timedelta(days=1), "daily")


class Ended:
    """A run of a warehouse whose steps are replaced by one that fails."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.prepared = prepared(root)
        began = SimpleNamespace(
            prepared=self.prepared,
            folders=self.prepared.folders,
            kind="daily",
            run_id="r1",
            failure=None,
            published=None,
        )
        monkeypatch.setattr(run, "_begin", lambda *_: began)

    def fail(self, published: Published | None, error: BaseException) -> None:
        with open_run(self.prepared, RunRequest()) as begun:
            begun.published = published
            raise error

    def status(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads((self.prepared.folders.published / "status.json").read_text())
        return said


def test_what_fails_after_publishing_does_not_make_what_is_current_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = Ended(tmp_path / "mine", monkeypatch)
    with pytest.raises(LiucunError, match="no space"):
        ended.fail(Published("r1", tmp_path), LiucunError("no space left for exports"))
    assert ended.status() | {"attempted_at": ""} == {
        "result": "published", "reason": "no space left for exports", "run_id": ended.status()["run_id"],
        "attempted_at": "", "is_stale": False, "current": None,
    }  # fmt: skip


@pytest.mark.parametrize("is_published", [True, False])
def test_an_interruption_after_publishing_does_not_say_that_nothing_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_published: bool
) -> None:
    ended = Ended(tmp_path / "mine", monkeypatch)
    with pytest.raises(LiucunError if is_published else KeyboardInterrupt):
        ended.fail(Published("r1", tmp_path) if is_published else None, KeyboardInterrupt())
    assert ended.status()["result"] == ("published" if is_published else "failed")


def test_a_candidate_that_was_not_found_clean_leaves_the_folder_that_readers_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Run, staging: Path, __: str | None) -> Path:
        (staging / "marts.duckdb").write_text("13912345678")
        raise LiucunError("personal data")

    monkeypatch.setattr(daily, "_finish", refused)
    folders = Folders(tmp_path / "mine")
    begun = SimpleNamespace(
        run_id="20251120T000000Z-ab12",
        folders=folders,
        prepared=SimpleNamespace(settings=None),
        steps=Steps(),
        started_at=datetime.now(UTC),
    )
    with pytest.raises(LiucunError):
        daily.publish(cast(Run, begun))
    assert [path for path in folders.published.rglob("*") if path.is_file()] == []
