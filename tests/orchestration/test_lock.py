"""One run at a time per warehouse, across processes; a process that dies leaves no lock behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orchestration.errors import BadInput, LockHeld
from orchestration.lock import hold

HOLDER = """
import sys
from pathlib import Path

from orchestration.lock import hold

with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(root: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that holds the lock until its input ends."""
    project = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=project
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_lock_that_another_process_holds_is_refused_with_its_id(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    with another_process(root) as process:
        with pytest.raises(LockHeld) as held, hold(root):
            pass
        assert (
            str(held.value)
            == f"shop: another run (process {process.pid}) is at work; wait for it to end, then run again"
        )
        assert held.value.exit_code == 4


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    with another_process(tmp_path) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with hold(tmp_path):
            assert (tmp_path / ".lock").read_text() == str(os.getpid())


def test_the_lock_is_free_again_after_success_and_after_failure(tmp_path: Path) -> None:
    with hold(tmp_path):
        pass
    with pytest.raises(RuntimeError, match="broken"), hold(tmp_path):
        raise RuntimeError("broken")
    with hold(tmp_path):
        pass


def test_two_warehouses_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with hold(tmp_path / "one"), hold(tmp_path / "two"):
        pass


@pytest.mark.parametrize("is_there", [True, False])
def test_the_folder_of_another_user_is_bad_input(tmp_path: Path, is_there: bool) -> None:
    root = tmp_path / "shop"
    if is_there:
        root.mkdir()
    with (
        another_user(tmp_path),
        pytest.raises(BadInput, match=rf"^{root}/\.lock: may not be written; .* another user's"),
        hold(root),
    ):
        pass


@contextmanager
def another_user(folder: Path) -> Iterator[None]:
    """This process as somebody who may not write the folder, nor what is in it."""
    is_root = os.geteuid() == 0
    for path in (folder, *folder.iterdir()):
        path.chmod(0o555)
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for path in (folder, *folder.iterdir()):
            path.chmod(0o755)
