"""One run at a time per warehouse, whoever started it: schedule, UI or command line."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.errors import BadInput, LockHeld


@contextmanager
def hold(root: Path) -> Iterator[None]:
    """Holds the warehouse's lock; the system releases it when the process ends, however it ends.

    Raises:
        LockHeld: another process holds it; the message names its process id.
        BadInput: the folder is another user's.
    """
    path = root / ".lock"
    try:
        root.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except PermissionError:
        raise BadInput(
            f"{path}: may not be written; the warehouse is another user's: run as that user, or name another home"
        ) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = path.read_text(encoding="ascii").strip() or "unknown"
            raise LockHeld(
                f"{root.name}: another run (process {holder}) is at work; wait for it to end, then run again"
            ) from None
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)
