"""Ctrl-C, termination and a kill in the middle of a run leave nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Project

SLOW_TEST = """\
import os, time
from m import f


def test_f():
    assert f(1) == 2
    with open("m.py", "a") as stream:
        stream.write("# written\\n")
    with open({place!r}, "w") as stream:
        stream.write(str(os.getpid()))
    time.sleep(300)
"""


def interrupted(project: Project, place: Path, sign: int) -> tuple[int, str]:
    """Start covgate, signal it while a test runs; returns exit code and standard error."""
    process = subprocess.Popen(
        [sys.executable, "-m", "covgate", "check"],
        cwd=project.root,
        env=project.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # Shells start what runs in the background with this signal ignored.
        preexec_fn=lambda: signal.signal(  # noqa: PLW1509 - there are no threads here
            signal.SIGINT, signal.default_int_handler
        ),
    )
    wait_for(lambda: place.exists() and place.read_text() != "")
    process.send_signal(sign)
    _, said = process.communicate(timeout=120)
    return process.returncode, said


def wait_for(condition: object) -> None:
    deadline = time.monotonic() + 60
    assert callable(condition)
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.usefixtures("hangups")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_run_leaves_nothing(
    quick_project: Project, tmp_path: Path, sign: signal.Signals
) -> None:
    place = tmp_path / "pid"
    quick_project.stage({"test_m.py": SLOW_TEST.format(place=str(place))})
    before = quick_project.state()

    code, said = interrupted(quick_project, place, sign)

    assert code == 130
    assert said == "covgate: interrupted; nothing was judged\n"
    assert quick_project.state() == before
    assert not Path(f"/proc/{place.read_text()}").exists()
    assert not [*(quick_project.root / ".git" / "covgate").glob("run-*")]


def test_killed_run_does_not_outlive_covgate(quick_project: Project, tmp_path: Path) -> None:
    place = tmp_path / "pid"
    test = SLOW_TEST.format(place=str(place)).replace('"m.py"', "os.devnull")
    quick_project.stage({"test_m.py": test})
    before = quick_project.state()

    code, _ = interrupted(quick_project, place, signal.SIGKILL)

    assert code == -signal.SIGKILL
    wait_for(lambda: not Path(f"/proc/{place.read_text()}").exists())
    assert quick_project.state() == before
    quick_project.stage({"test_m.py": test.replace("time.sleep(300)", "pass")})
    assert quick_project.check().code == 0
