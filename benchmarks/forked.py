"""Runs the command line in forked children of a process that has imported everything: a kill costs no imports.

The parent never opens a database or starts a thread, so a fork is safe; requests and answers are lines of JSON.
"""

import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


class Forked:
    """The parent process, as seen by a test."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.forked"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: object, environment: Mapping[str, str] | None = None) -> int:
        """Runs a command in a child; its exit code, or minus the signal that ended it."""
        return self.wait(self.start(*arguments, environment=environment))

    def start(self, *arguments: object, environment: Mapping[str, str] | None = None) -> int:
        """Starts a command in a child; its process id."""
        return self._ask({"start": [str(a) for a in arguments], "environment": dict(environment or {})})

    def wait(self, child: int) -> int:
        """Waits for a child; its exit code, or minus the signal that ended it."""
        return self._ask({"wait": child})

    def close(self) -> None:
        """Ends the parent."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=60)

    def _ask(self, request: dict[str, object]) -> int:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def _serve() -> None:
    import orchestration.job  # noqa: F401
    from data_quality.validation import great_expectations
    from orchestration.cli import GARBAGE_THRESHOLDS
    from orchestration.settings import QUIET, set_environment

    set_environment(QUIET)
    great_expectations()
    import dbt.adapters.duckdb.connections
    import dbt.cli.main  # noqa: F401

    gc.set_threshold(*GARBAGE_THRESHOLDS)
    gc.freeze()
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            _, status = os.waitpid(request["wait"], 0)
            answer = os.waitstatus_to_exitcode(status)
        else:
            answer = os.fork()
            if answer == 0:
                _child(request["start"], request["environment"])
        answers.write(f"{answer}\n")
        answers.flush()


def _child(arguments: list[str], environment: dict[str, str]) -> None:
    from orchestration.cli import main

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    out = os.open(environment.get("FORKED_OUT", os.devnull), os.O_WRONLY | os.O_CREAT)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.environ.update(environment)
    code = 1
    try:
        code = main(arguments)
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
