"""Many or large loads received by several processes: converting is half Python's work, one core's per process."""

import atexit
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.errors import LiucunError
from orchestration.files import remove
from orchestration.ingest.contract import SourceObject
from orchestration.ingest.landing import LandingLoad
from orchestration.ingest.receive import Received, open_engine, receive

MANY_LOADS, MANY_BYTES = 100, 100 * 2**20
"""From either on, side by side is faster: a process takes a second to start."""
PROCESSES_MAX = 4
"""Each may hold a workbook in memory."""


@dataclass(frozen=True)
class Task:
    """A load to receive; ``because`` if a person accepted it as it is."""

    load: LandingLoad
    spec: SourceObject
    because: str | None


def is_worth_it(tasks: Sequence[Task], threads: int) -> bool:
    """Whether several processes end sooner than this one alone."""
    return threads > 1 and (len(tasks) >= MANY_LOADS or sum(task.load.bytes for task in tasks) >= MANY_BYTES)


def receive_side_by_side(
    tasks: Sequence[Task], incoming: Path, threads: int, meanwhile: Callable[[], None] = lambda: None
) -> Iterator[Received]:
    """Each load in ``incoming``, in the order of the tasks; this process does ``meanwhile`` while others work.

    Raises:
        LiucunError: as ``receive`` does, of the first load in order that cannot be received; or a process was ended.
    """
    others = set(multiprocessing.active_children())
    processes = min(threads, PROCESSES_MAX, len(tasks))
    pool = ProcessPoolExecutor(
        max_workers=processes,
        # A fork would copy the threads' locks of the libraries that are at work here.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(incoming, threads, processes),
    )
    try:
        largest_first = sorted(tasks, key=lambda task: -task.load.bytes)
        received = {task.load.load_id: pool.submit(_receive, task, incoming) for task in largest_first}
        meanwhile()
        for task in tasks:
            yield received[task.load.load_id].result()
    except BaseException as error:
        # Nobody waits for what the others still receive.
        for process in set(multiprocessing.active_children()) - others:
            process.kill()
        if isinstance(error, BrokenProcessPool):
            raise LiucunError(
                "a process that received loads was ended from outside; with too little memory, LIUCUN_THREADS=1 "
                "receives them one after the other"
            ) from None
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        for spill in incoming.glob(".spill-*"):
            remove(spill)


_engine: duckdb.DuckDBPyConnection
_open = ExitStack()


def _start(incoming: Path, threads: int, processes: int) -> None:
    """Makes this process ready for many loads."""
    global _engine
    # Ctrl+C ends the process that started these, and that ends them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # It has more to do, and they have a core besides it.
    os.nice(5)
    # DuckDB's bindings would list on the terminal what Python still holds of them at its end.
    atexit.register(os._exit, 0)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _engine = _open.enter_context(open_engine(incoming, threads, processes))


def _end_with_parent() -> None:
    """A run that was killed leaves nobody who still writes into what the next run sweeps."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _receive(task: Task, incoming: Path) -> Received:
    return receive(task.load, task.spec, incoming, accept_because=task.because, engine=_engine)
