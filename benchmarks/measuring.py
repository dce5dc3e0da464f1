"""Seconds and memory of a command and of all that it starts, as the kernel counts them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


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
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "used"
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _LAUNCH, str(report), *command],
            cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
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
        cpu, peak = json.loads(report.read_text())
    out, err = (os.fsdecode(stream) for stream in streams)
    return Done(Cost(cpu, wall, peak / 1024), process.returncode, out, err)


# The kernel's peak of a process starts with the size of the one that it was forked from, and the
# peak of all children is that of the largest ever: so a small process starts each command.
_LAUNCH = """
import json, resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as stream:
    json.dump([used.ru_utime + used.ru_stime, used.ru_maxrss], stream)
sys.exit(code if code >= 0 else 128 - code)
"""
