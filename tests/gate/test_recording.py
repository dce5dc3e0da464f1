"""`covgate record`: kills, workers and replaced parts of the library cost no soundness."""

from __future__ import annotations

import os
import pty
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from conftest import Project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MODULE = "def f(x):\n    return x + 1\n\n\ndef g(x):\n    return x + 2\n"
OTHER = "import m\n\n\ndef test_g():\n    assert m.g(1) == 3\n"
REPLACED = (
    "builtins.open", "json.dumps", "os.fspath", "os.fsdecode", "os.getcwd", "os.getpid",
    "os.listdir", "os.open", "os.path.abspath", "os.path.exists", "os.path.isabs", "os.path.join",
    "os.path.normpath", "os.stat", "os.lstat", "os.write", "shutil.which", "subprocess.Popen",
    "threading.get_ident", "time.time", "time.time_ns",
)  # fmt: skip
REPLACING = """\
import io, m
import pytest


def wrong(*args, **kwargs):
    raise TypeError("replaced by a test")


@pytest.mark.parametrize("name", {names!r})
def test_replaced(name, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(name, wrong)
        assert m.f(1) == 2
        assert io.FileIO("data.txt").read() == b"x"


def test_slow():
    import time
    time.sleep(1)
"""


class Recorded(NamedTuple):
    """A recorded project, and what `covgate record` showed on its terminal."""

    project: Project
    shown: str


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, clean_env: Mapping[str, str]) -> Recorded:
    """A project whose settings distribute its tests over workers, recorded at a terminal."""
    project = Project(tmp_path_factory.mktemp("recorded") / "p", clean_env)
    files = {"m.py": MODULE, "data.txt": "x", "test_g.py": OTHER}
    files["pytest.ini"] = "[pytest]\naddopts = -n 2 --dist loadfile\n"
    files["test_r.py"] = REPLACING.format(names=REPLACED)
    project.commit(files)
    env = {**project.env, "COVGATE_PYTHON": sys.executable}
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(project.root)
        os.execve(sys.executable, [sys.executable, "-m", "covgate", "record"], env)
    shown = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # the other side was closed
            break
        if not part:
            break
        shown += part
    os.close(terminal)
    assert os.waitpid(child, 0)[1] == 0, shown
    project.env["COVGATE_PYTHON"] = sys.executable
    return Recorded(project, shown.decode())


TESTS = len(REPLACED) + 2


def test_progress_is_shown(recorded: Recorded) -> None:
    assert f" of {TESTS} tests" in recorded.shown


def test_all_tests_of_a_suite_with_workers_are_recorded(recorded: Recorded) -> None:
    assert f"recorded {TESTS} tests; the traces of 0 others hold" in recorded.shown
    said = recorded.project.covgate("status").out
    assert said.startswith(f"{TESTS} of {TESTS} known tests have a trace that holds\n"), said


@pytest.mark.parametrize(
    ("edit", "impacted"),
    [
        pytest.param({"m.py": MODULE.replace("x + 1", "1 + x")}, len(REPLACED), id="function"),
        pytest.param({"data.txt": "y"}, len(REPLACED), id="file"),
        pytest.param({"m.py": MODULE.replace("x + 2", "2 + x")}, 1, id="another function"),
    ],
)
def test_recording_goes_on_while_the_library_is_replaced(
    recorded: Recorded, edit: Mapping[str, str], impacted: int
) -> None:
    recorded.project.stage({"m.py": MODULE, "data.txt": "x", **edit})
    said = recorded.project.covgate("status").out
    assert said.startswith(f"{TESTS - impacted} of {TESTS} known tests"), said


# Keeps what is complete after a moment instead of after 20 seconds.
HASTY = (
    "import sys; from covgate.gate import checkpoint; checkpoint.FIRST_SECONDS = 0.1\n"
    "from covgate.cli import run; sys.argv[1:] = ['record']; run()"
)


def test_a_killed_recording_keeps_what_was_complete(empty_project: Project, tmp_path: Path) -> None:
    running = tmp_path / "running"
    slow = (
        f"import pathlib, time\n\nplace = pathlib.Path({str(running)!r})\n\n\ndef test_z():\n"
        "    if not place.exists():\n        place.touch()\n        time.sleep(300)\n"
    )
    empty_project.commit({"m.py": MODULE, "test_m.py": OTHER, "test_z.py": slow})
    process = subprocess.Popen(
        [sys.executable, "-c", HASTY], cwd=empty_project.root, env=empty_project.env,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    _wait_for(running.exists)
    _wait_for(lambda: "1 of 1 known" in empty_project.covgate("status").out)
    process.send_signal(signal.SIGKILL)
    process.wait()

    again = empty_project.covgate("record")

    assert again.out == "recorded 1 test; the trace of 1 other holds\n"


def _wait_for(condition: object) -> None:
    deadline = time.monotonic() + 60
    assert callable(condition)
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.3)


@pytest.mark.parametrize(
    ("ending", "said", "remedy"),
    [
        pytest.param(
            "time.sleep(300)", "did not finish in 4 s", "goes on with the rest", id="time"
        ),
        pytest.param("os._exit(7)", "interpreter died", "out of memory", id="death"),
    ],
)
def test_a_recording_that_ends_early_says_why_and_goes_on_later(
    empty_project: Project, tmp_path: Path, ending: str, said: str, remedy: str
) -> None:
    place = tmp_path / "ran"
    once = (
        f"import os, pathlib, time\n\nplace = pathlib.Path({str(place)!r})\n\n\ndef test_z():\n"
        f"    if not place.exists():\n        place.touch()\n        {ending}\n"
    )
    files = {"m.py": MODULE, "test_m.py": OTHER, "test_z.py": once, "covgate.toml": "timeout = 4\n"}
    empty_project.commit(files)

    first = empty_project.covgate("record")
    second = empty_project.covgate("record")

    assert first.code == 3, first
    assert said in first.err, first
    assert "while test_z.py::test_z was running" in first.err, first
    assert remedy in first.err, first
    assert second.code == 0, second
    status = empty_project.covgate("status").out
    assert status.startswith("2 of 2 known tests have a trace that holds"), status


def test_a_recording_waits_for_others_who_write(empty_project: Project) -> None:
    empty_project.commit({"m.py": MODULE, "test_m.py": OTHER})
    assert empty_project.covgate("record").code == 0
    other = sqlite3.connect(
        empty_project.root / ".git" / "covgate" / "evidence.sqlite", check_same_thread=False
    )
    other.isolation_level = None
    impatient = (
        "import sys; from covgate.traces import store; store.PATIENCE_S = 0.1\n"
        "from covgate.cli import run; sys.argv[1:] = ['record', '--afresh']; run()"
    )
    other.execute("BEGIN IMMEDIATE")
    released = threading.Timer(3, other.execute, ["ROLLBACK"])
    released.start()

    done = empty_project.run(sys.executable, "-c", impatient)

    released.join()
    other.close()
    assert done == (0, "recorded 1 test; the traces of 0 others hold\n", ""), done


EXHAUSTING = """
import os
import pytest
import m


@pytest.fixture(scope='module')
def exhausted():
    held = []
    try:
        while True:
            held.append(os.open(os.devnull, 0))
    except OSError:
        yield
    for one in held:
        os.close(one)


def test_one(exhausted):
    assert m.f(1) == 2


def test_two(exhausted):
    assert m.g(1) == 3
"""


def test_what_tests_do_that_hold_all_descriptors_is_written_later(empty_project: Project) -> None:
    empty_project.commit({"m.py": MODULE, "test_e.py": EXHAUSTING, "test_m.py": OTHER})

    recorded = empty_project.covgate("record")
    empty_project.stage({"m.py": MODULE.replace("x + 1", "x + 3")})
    checked = empty_project.check()

    assert recorded == (0, "recorded 3 tests; the traces of 0 others hold\n", ""), recorded
    assert checked.code == 1, checked
    assert [test["id"] for test in checked.data["tests"]["selected"]] == ["test_e.py::test_one"]
