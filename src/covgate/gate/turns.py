"""Two who would judge the same at the same time take turns: the second reads what the first found.

Only where somebody judges ahead, whose file is the sign; others never wait for anybody. The lock
ends with the process that holds it, whatever becomes of it.
"""

from __future__ import annotations

import contextlib
import os
import time
from contextlib import contextmanager
from math import inf
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:  # Windows: the same may be judged twice
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.git.repository import Repository

_LONGEST_NAME = 200
_STEP_S = 0.05


@contextmanager
def turn(repo: Repository, name: str, *, ahead: bool, patience: float = inf) -> Iterator[None]:
    """Hold the turn of this working tree for the question `name`.

    Waits while somebody else judges the same, `patience` seconds at most; who judges ahead waits
    for everybody. A commit that asks something else goes on without the turn.
    """
    place = repo.state / "turn"
    if fcntl is None or not (ahead or place.exists()):
        yield
        return
    try:
        descriptor = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        yield
        return
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            _take(descriptor, os.fsencode(name), ahead, time.monotonic() + patience)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, name: bytes, ahead: bool, deadline: float) -> None:
    while not _is_free(descriptor):
        if not ahead and os.pread(descriptor, _LONGEST_NAME, 0) != name:
            return
        if time.monotonic() > deadline:
            return
        time.sleep(_STEP_S)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, name, 0)


def _is_free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
