"""A lock between processes, on a file; it ends with the process that holds it.

On POSIX straight from the system: filelock, which is used elsewhere, costs 30 ms to load there.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Release = Callable[[], object]  # gives a lock back

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows

    def take(path: Path, wait: bool = False) -> Release | None:
        """Return what gives the lock back; None when another process has it and we don't wait."""
        from filelock import FileLock, Timeout

        lock = FileLock(path)
        try:
            lock.acquire(timeout=-1 if wait else 0)
        except Timeout:
            return None
        return lock.release

else:

    def take(path: Path, wait: bool = False) -> Release | None:
        """Return what gives the lock back; None when another process has it and we don't wait.

        Raises `OSError` where the file can't be made or locked.
        """
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(descriptor)
            return None
        except BaseException:
            os.close(descriptor)
            raise
        return lambda: os.close(descriptor)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock, once nobody else does."""
    release = take(path, wait=True)
    assert release is not None
    try:
        yield
    finally:
        release()
