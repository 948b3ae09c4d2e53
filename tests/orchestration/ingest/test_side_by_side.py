"""Loads that several processes receive are those that one receives."""

import multiprocessing
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from orchestration.errors import BadInput, LiucunError
from orchestration.ingest import side_by_side
from orchestration.ingest.receive import open_engine
from orchestration.ingest.side_by_side import Task, is_worth_it, receive_side_by_side
from orchestration.settings import PROJECT
from tests.orchestration.ingest.conftest import rows_of


def tasks_of(world, because=None):
    loads = world.scan().loads
    return [Task(load, world.source.objects[load.object], because) for load in loads]


def land_days(world, days):
    for day in range(1, days + 1):
        rows = "".join(f"{number},客户{number}\n" for number in range(day))
        world.land(f"客户编号,客户名称\n{rows},no key\n".encode("gb18030"), on=f"2025-01-{day:02d}")


def test_side_by_side_gives_the_rows_manifests_and_rejects_of_one_after_the_other(world):
    land_days(world, 7)
    alone = [world.receive(task.load) for task in tasks_of(world)]
    before = [(r.load_id, r.manifest, rows_of(r)) for r in alone]
    together = list(receive_side_by_side(tasks_of(world), world.folders.incoming, 2))
    assert [(r.load_id, r.manifest, rows_of(r)) for r in together] == before
    assert not list(world.folders.incoming.glob(".*"))


def test_a_load_that_cannot_be_read_is_told_beside_the_others(world):
    land_days(world, 2)
    world.land(b"a,b\n1,2\n", on="2025-01-03")
    received = list(receive_side_by_side(tasks_of(world), world.folders.incoming, 2))
    assert [r.is_readable for r in received] == [True, True, False]
    assert "customer_id" in received[2].refusals[0]


def test_a_decision_goes_with_its_load(world):
    world.land("customer_id,phone\n1,13800000000\n")
    (received,) = receive_side_by_side(tasks_of(world, because="there are no names"), world.folders.incoming, 2)
    assert received.is_readable
    assert received.manifest.decision.because == "there are no names"


def test_the_first_file_that_changed_stops_all(world):
    land_days(world, 3)
    tasks = tasks_of(world)
    tasks[1].load.files[0].path.write_text("changed")
    with pytest.raises(BadInput, match="changed while it was read"):
        list(receive_side_by_side(tasks, world.folders.incoming, 2))


def test_the_caller_works_while_others_receive(world):
    land_days(world, 1)
    done = []
    list(receive_side_by_side(tasks_of(world), world.folders.incoming, 2, meanwhile=lambda: done.append(os.getpid())))
    assert done == [os.getpid()]


def test_an_interrupted_run_waits_for_nobody(world):
    land_days(world, 1)

    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(receive_side_by_side(tasks_of(world), world.folders.incoming, 2, meanwhile=interrupted))
    assert multiprocessing.active_children() == []


def test_a_process_that_is_ended_from_outside_is_a_failure_with_a_remedy(world):
    land_days(world, 1)

    def end_them() -> None:
        for child in multiprocessing.active_children():
            child.kill()
            child.join()

    with pytest.raises(LiucunError, match="LIUCUN_THREADS=1"):
        list(receive_side_by_side(tasks_of(world), world.folders.incoming, 2, meanwhile=end_them))


def test_engines_beside_each_other_share_the_memory_of_one(world):
    def limit(engines: int) -> float:
        with open_engine(world.folders.incoming, 1, engines) as engine:
            size, unit = engine.execute("select current_setting('memory_limit')").fetchall()[0][0].split()
        return float(size) * {"MiB": 1, "GiB": 1024}[unit]

    assert limit(4) * 4 <= limit(1) * 1.02


def test_few_small_loads_or_a_single_thread_stay_in_one_process(world, monkeypatch):
    land_days(world, 3)
    tasks = tasks_of(world)
    assert not is_worth_it(tasks, threads=2)
    monkeypatch.setattr(side_by_side, "MANY_LOADS", 3)
    assert is_worth_it(tasks, threads=2)
    assert not is_worth_it(tasks, threads=1)
    monkeypatch.setattr(side_by_side, "MANY_LOADS", 100)
    monkeypatch.setattr(side_by_side, "MANY_BYTES", sum(task.load.bytes for task in tasks))
    assert is_worth_it(tasks, threads=2)


def test_who_receives_ends_at_once_with_the_run_that_was_killed(tmp_path):
    code = """
        import os, signal, sys, time, multiprocessing
        from concurrent.futures import ProcessPoolExecutor
        from pathlib import Path
        from orchestration.ingest import side_by_side

        if __name__ == "__main__":
            incoming = Path(sys.argv[1])
            incoming.mkdir()
            pool = ProcessPoolExecutor(
                1, multiprocessing.get_context("spawn"), side_by_side._start, (incoming, 1, 1)
            )
            print(pool.submit(os.getpid).result(), flush=True)
            pool.submit(time.sleep, 60)
            os.kill(os.getpid(), signal.SIGKILL)
    """
    script = tmp_path / "killed.py"
    script.write_text(textwrap.dedent(code))
    killed = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "incoming")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )
    child = int(killed.stdout)
    deadline = time.monotonic() + 10
    while _is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_alive(child)


def _is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
