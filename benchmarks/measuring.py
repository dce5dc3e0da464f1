"""Seconds and memory of a command and of all that it starts, as the kernel counts them."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class Cost(NamedTuple):
    """CPU and wall seconds, and the largest resident set of one process in MB."""

    cpu_s: float = 0.0
    wall_s: float = 0.0
    peak_mb: float = 0.0

    def __add__(self, other: object) -> Cost:
        assert isinstance(other, Cost)
        return Cost(
            self.cpu_s + other.cpu_s,
            self.wall_s + other.wall_s,
            max(self.peak_mb, other.peak_mb),
        )


class Done(NamedTuple):
    """A finished command: what it cost, its exit code, standard output and standard error."""

    cost: Cost
    code: int
    out: str
    err: str


def measured(
    command: Sequence[str], cwd: Path, env: Mapping[str, str], limit_s: float | None = None
) -> Done:
    """Run a command to its end and measure it; raises TimeoutExpired past `limit_s`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        streams = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        # With all that it started, or the pipes would stay open.
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    out, err = (os.fsdecode(stream) for stream in streams)
    return Done(Cost(cpu, wall, after.ru_maxrss / 1024), process.returncode, out, err)
