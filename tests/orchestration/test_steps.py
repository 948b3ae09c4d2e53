"""Steps are timed, counted and told in one line each."""

import io
import os
import re
import signal

import pytest

from orchestration.steps import Steps


def test_a_step_prints_one_line_with_its_rows_its_time_and_its_note() -> None:
    out = io.StringIO()
    steps = Steps(out)
    with steps.step("receive") as step:
        step.rows, step.note = 1469307, "7 new loads"
    with steps.step("flip"):
        pass
    first, second = out.getvalue().splitlines()
    assert re.fullmatch(r"receive +1,469,307 rows +\d+\.\d\d s  7 new loads", first)
    assert re.fullmatch(r"flip +\d+\.\d\d s", second)


def test_a_finished_step_says_for_the_manifest_what_it_cost() -> None:
    steps = Steps(io.StringIO())
    with steps.step("busy") as step:
        step.rows = 3
        sum(range(200_000))
    (told,) = (done.as_dict() for done in steps.done)
    assert {key: told[key] for key in ("name", "rows", "note")} == {"name": "busy", "rows": 3, "note": ""}
    assert told["seconds"] > 0
    assert told["cpu_seconds"] > 0
    assert told["peak_memory_mib"] > 10


def test_a_step_that_fails_is_not_done_prints_nothing_and_keeps_the_first_failure() -> None:
    out = io.StringIO()
    steps = Steps(out)
    first, second = ValueError("first"), ValueError("second")
    for error in (first, second):
        with pytest.raises(ValueError), steps.step("build"):
            raise error
    assert steps.failure is first
    assert steps.done == []
    assert out.getvalue() == ""


def test_only_the_named_step_ends_the_process_and_only_after_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda process, number: sent.append((process, number)))
    steps = Steps(io.StringIO(), kill_after="flip")
    with steps.step("state"):
        pass
    with steps.step("flip"):
        assert sent == []
    assert sent == [(os.getpid(), signal.SIGKILL)]
    assert [step.name for step in steps.done] == ["state", "flip"]
