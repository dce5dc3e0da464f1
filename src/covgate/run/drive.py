"""Drive pytest in the project's interpreter: one process group, a time limit, results as data."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from covgate.run.environment import RECORDER, PrivatePlaces, environment_for_tests, for_start
from covgate.run.plan import (
    RunResult,
    read_events,
    read_measured,
    read_notes,
    read_output,
    read_outside,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from covgate.run.interpreter import Interpreter
    from covgate.run.place import Place
    from covgate.run.plan import Job
    from covgate.run.progress import Progress

_GRACE_SECONDS = 3.0
_POLL_SECONDS = 0.02
_PR_SET_PDEATHSIG = 1


def run_tests(
    job: Job,
    place: Place,
    interpreter: Interpreter,
    scratch: Path,
    bytecode: Path,
    remap: tuple[tuple[str, str], ...],
    env: Mapping[str, str],
    timeout: float,
    color: bool,
    progress: Progress,
    meanwhile: Callable[[], None] | None = None,
) -> RunResult:
    """Run the job and return what came back; ends the whole process group when time is up.

    `remap` pairs folders of other working trees with their place in this one; `meanwhile` is
    called about once a second while the tests run.
    """
    plan = _plan(job, place, scratch, bytecode, remap, color)
    plan_file = scratch / "plan.json"
    plan_file.write_text(json.dumps(plan))
    places = PrivatePlaces(bytecode, scratch / "data" / "coverage", scratch / "hypothesis")
    with (scratch / "output").open("wb") as stream:
        process = subprocess.Popen(
            [interpreter.python, str(RECORDER / "_covgate_run.py"), str(plan_file)],
            cwd=place.root,
            env=for_start(environment_for_tests(env, interpreter.python, RECORDER, places)),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=dies_with_parent(),  # noqa: PLW1509 - there are no threads here
        )
        timed_out = _wait(process, timeout, progress, scratch / "events", meanwhile)
    return read_result(scratch, timed_out)


def _plan(
    job: Job,
    place: Place,
    scratch: Path,
    bytecode: Path,
    remap: tuple[tuple[str, str], ...],
    color: bool,
) -> dict[str, object]:
    (scratch / "data").mkdir(exist_ok=True)
    backup = scratch / "backup"
    backup.mkdir(exist_ok=True)
    own_args = ["-o", f"cache_dir={scratch / 'cache'}", f"--color={'yes' if color else 'no'}"]
    return {
        **job._asdict(),
        "root": str(place.root),
        "trace": _trace(scratch) if job.trace else None,
        "origin": str(place.origin) if place.isolated else None,
        "backup": None if place.isolated else str(backup),
        "remap": list(remap),
        "project_places": list(dict.fromkeys([str(place.root), *(old for old, _ in remap)])),
        "bytecode": str(bytecode),
        "numbers": str(bytecode.parent / "numbers.sqlite"),
        "pytest_args": [*job.pytest_args, *own_args],
        "events": str(scratch / "events"),
        "notes": str(scratch / "notes"),
        "data_file": str(scratch / "data" / "coverage"),
        "measured_file": str(scratch / "measured"),
        "tracked_file": str(scratch / "tracked"),
    }


def _trace(scratch: Path) -> dict[str, object]:
    """Return where the recorder writes to, and what it watches (see `gate.evidence`)."""
    folder = scratch / "trace"
    folder.mkdir(exist_ok=True)
    watch = scratch / "watch.json"
    return {
        "folder": str(folder),
        "watch": json.loads(watch.read_text()) if watch.exists() else {},
    }


def read_result(scratch: Path, timed_out: bool = False) -> RunResult:
    """Read what a run left in its folder."""
    events = read_events(scratch / "events")
    text = read_output(scratch / "output")
    if events.internal and events.internal not in text:
        text += f"\n{events.internal}"
    return RunResult(
        status=events.status,
        collected=events.collected,
        tests=events.tests,
        collect_errors=events.collect_errors,
        unfinished=events.unfinished,
        measurement=read_measured(scratch / "measured"),
        notes=read_notes(scratch / "notes"),
        output=text,
        timed_out=timed_out,
        outside=read_outside(scratch / "notes.outside"),
        is_suite=events.is_suite,
    )


def dies_with_parent(sign: int = signal.SIGKILL) -> Callable[[], object] | None:
    """Return what makes a child of ours end when we are killed outright (Linux only).

    For `preexec_fn` of a process without threads; `sign` is the signal that the child gets.
    """
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return None
    return lambda: prctl(_PR_SET_PDEATHSIG, sign)


def _wait(
    process: subprocess.Popen[bytes],
    timeout: float,
    progress: Progress,
    events: Path,
    meanwhile: Callable[[], None] | None,
) -> bool:
    """Wait for the run; returns whether it was ended because its time was up."""
    deadline = time.monotonic() + timeout
    step = _POLL_SECONDS if progress.shown else timeout if meanwhile is None else 1.0
    try:
        while True:
            try:
                process.wait(min(step, timeout))
                break
            except subprocess.TimeoutExpired:
                if time.monotonic() >= deadline:
                    _end(process)
                    return True
                progress.update(events)
                if meanwhile is not None:
                    meanwhile()
    except BaseException:
        # Ctrl-C reaches us alone: the run has a process group of its own.
        _end(process)
        raise
    finally:
        progress.close()
        _kill_group(process.pid, signal.SIGKILL)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    _kill_group(process.pid, signal.SIGINT)
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        _kill_group(process.pid, signal.SIGKILL)
        process.wait()


def _kill_group(group: int, sign: int) -> None:
    """Signal every process of the run: children that a test left behind as well."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(group)], check=False)
        return
    try:
        os.killpg(group, sign)
    except (ProcessLookupError, PermissionError):
        pass
