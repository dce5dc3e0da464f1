"""Tests that end, hang or damage their own run: a sentence, no pass, and nothing is changed."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Project

# Body of a test, and what covgate says about it; every one of these is undecided (exit 3).
ENDED = {
    "os-exit-0": ("os._exit(0)", r"interpreter died while test_h\.py::test_h was running"),
    "os-exit-1": ("os._exit(1)", r"interpreter died while test_h\.py::test_h was running"),
    "segmentation-fault": (
        "import ctypes; ctypes.string_at(0)",
        r"interpreter died while test_h\.py::test_h was running",
    ),
    "terminate-itself": (
        "os.kill(os.getpid(), signal.SIGTERM)",
        r"interpreter died while test_h\.py::test_h was running",
    ),
    "pytest-exit-0": ("pytest.exit('enough', returncode=0)", r"ended early while test_h"),
    "pytest-exit-5": ("pytest.exit('enough', returncode=5)", r"ended early while test_h"),
    "keyboard-interrupt": ("raise KeyboardInterrupt", r"ended early while test_h"),
    "close-all-descriptors": ("os.closerange(0, 256)", r"pytest could not run|interpreter died"),
    "close-stdout": ("sys.stdout.close()", r"pytest could not run|interpreter died"),
    "kill-own-group": (
        "os.killpg(0, signal.SIGKILL)",
        r"interpreter died while test_h\.py::test_h was running",
    ),
}
# Written so that it is the last test, with nothing after it that could miss.
HOSTILE = "import os, signal, subprocess, sys, pytest\nfrom m import f\n\n\ndef test_h():\n"


def write_hostile(project: Project, body: str, start: str = HOSTILE) -> None:
    lines = "".join(f"    {line}\n" for line in ["assert f(1) == 2", *body.split("\n")])
    project.stage({"test_h.py": start + lines, "test_m.py": None})


@pytest.mark.parametrize(("body", "said"), ENDED.values(), ids=ENDED)
def test_undecided_when_a_test_ends_the_run(quick_project: Project, body: str, said: str) -> None:
    write_hostile(quick_project, body)
    before = quick_project.state()

    answer = quick_project.check()

    assert answer.code == 3, answer
    assert answer.data["verdict"] == "undecided"
    assert re.search(said, answer.data["findings"][0]["message"])
    assert answer.data["findings"][0]["help"]
    assert "Traceback" not in answer.err
    assert quick_project.state() == before


IMPORTED = {
    "sys-exit-in-test": ("", "    sys.exit(0)\n", 1, "SystemExit: 0"),
    "sys-exit-at-import": ("sys.exit(0)\n", "", 3, ""),
    "os-exit-at-import": ("os._exit(0)\n", "", 3, "interpreter died"),
    "pytest-exit-at-import": ("pytest.exit('x', returncode=0)\n", "", 1, "Exit: x"),
    "error-at-import": ("1 / 0\n", "", 1, "can't be collected: ZeroDivisionError"),
    "syntax-error": ("def (:\n", "", 3, r"test_h\.py does not parse: line 4"),
}


@pytest.mark.parametrize(("top", "body", "code", "said"), IMPORTED.values(), ids=IMPORTED)
def test_a_test_file_that_does_not_come_to_its_tests(
    quick_project: Project, top: str, body: str, code: int, said: str
) -> None:
    start = "import os, sys, pytest\nfrom m import f\n\n" + top
    quick_project.stage(
        {"test_h.py": f"{start}\n\ndef test_h():\n    assert f(1) == 2\n{body}", "test_m.py": None}
    )
    before = quick_project.state()

    answer = quick_project.check()

    assert answer.code == code, answer
    assert any(re.search(said, finding["message"]) for finding in answer.data["findings"])
    assert "Traceback" not in answer.err
    assert quick_project.state() == before


HARMLESS = {
    "changes-folder": "os.chdir('/')",
    "removes-its-folder": "import tempfile; d = tempfile.mkdtemp(); os.chdir(d); os.rmdir(d)",
    "closes-descriptor-1": "os.close(1); os.close(2)",
    "child-outlives-it": "subprocess.Popen(['sleep', '100'])",
    "forked-child-returns": "if os.fork() == 0: sys.exit(0)\nos.wait()",
    "changes-import-path": "sys.path.clear(); sys.modules.pop('json', None)",
    "prints-much": "print('x' * 5_000_000)",
    "odd-output": "os.write(1, bytes(range(256)) * 10)",
}


@pytest.mark.parametrize("body", HARMLESS.values(), ids=HARMLESS)
def test_odd_but_passing_tests_pass(quick_project: Project, body: str) -> None:
    """What plain pytest lets pass, covgate lets pass; the run itself is not disturbed."""
    write_hostile(quick_project, body)
    before = quick_project.state()
    started = time.monotonic()

    answer = quick_project.check()

    assert answer.code == 0, answer
    assert answer.uncovered == {}
    assert quick_project.state() == before
    assert time.monotonic() - started < 60


SHELL = "subprocess.run(['sh', '-c', {!r}], check=True)"
WRITES = {
    "writes": ("open('m.py', 'w').write('x = 1')", "m.py"),
    "appends": ("with open('m.py', 'a') as s: s.write('x = 1')", "m.py"),
    "removes": ("os.remove('m.py')", "m.py"),
    "renames": ("os.rename('m.py', 'n.py')", "m.py"),
    "makes-executable": ("os.chmod('m.py', 0o755)", "m.py"),
    "replaces-by-link": ("os.remove('m.py'); os.symlink('test_h.py', 'm.py')", "m.py"),
    "removes-folder": ("import shutil; shutil.rmtree('data')", "data/deep/a.txt"),
    "moves-folder": ("os.rename('data', 'data2')", "data/deep/a.txt"),
    "writes-through-link": ("open('link', 'w').write('x = 1')", "m.py"),
    "removes-link": ("os.remove('link')", "link"),
    "database": (
        "import sqlite3; c = sqlite3.connect('a.db'); c.execute('create table t(x)'); c.close()",
        "a.db",
    ),
    "child-writes": (SHELL.format("echo x = 1 > m.py"), "m.py"),
    "child-removes": (SHELL.format("rm -r data m.py"), "m.py"),
    "writes-and-dies": ("open('m.py', 'w').write('x = 1')\nos._exit(0)", "m.py"),
}


@pytest.mark.parametrize(("body", "harmed"), WRITES.values(), ids=WRITES)
def test_tracked_files_are_put_back(quick_project: Project, body: str, harmed: str) -> None:
    quick_project.stage({"data/deep/a.txt": "a", "a.db": b"", ".gitattributes": "* -text\n"})
    (quick_project.root / "link").symlink_to("m.py")
    quick_project.git("add", "link")
    write_hostile(quick_project, body)
    before = quick_project.state()
    mode = (quick_project.root / "m.py").stat().st_mode

    answer = quick_project.check()

    assert quick_project.state() == before
    assert answer.code == 3, answer
    assert "put back" in answer.data["findings"][0]["message"]
    assert harmed in answer.data["findings"][0]["message"]
    assert (quick_project.root / "m.py").stat().st_mode == mode
    assert (quick_project.root / "link").is_symlink()


MAKES = {
    "file": "open('new.txt', 'w').close()",
    "module": "open('new.py', 'w').write('x = 1')",
    "folder": "os.makedirs('new/er'); open('new/er/a.txt', 'w').close()",
    "child": SHELL.format("mkdir -p new; echo > new/a.txt; echo > b.txt"),
}


@pytest.mark.parametrize("body", MAKES.values(), ids=MAKES)
def test_new_files_do_not_stay(quick_project: Project, body: str) -> None:
    write_hostile(quick_project, body)
    before = quick_project.state()

    answer = quick_project.check()

    assert answer.code == 0, answer
    assert quick_project.state() == before
    assert not (quick_project.root / "new").exists()


def test_files_of_child_processes_are_kept_elsewhere(quick_project: Project) -> None:
    """Nobody saw who made them: it may have been the user."""
    write_hostile(quick_project, SHELL.format("echo precious > b.txt"))

    answer = quick_project.check()

    note = next(note for note in answer.data["notes"] if "b.txt" in note)
    kept = Path(note.rpartition("moved to ")[2])
    assert (kept / "b.txt").read_text() == "precious\n"


GIT = {
    "commit": "git commit -q --allow-empty -m intruder",
    "commit-all": "git add -A && git commit -qm intruder",
    "config": "git config user.name Intruder",
    "stash": "git stash -q",
    "branch": "git checkout -q -b other",
    "reset": "git reset -q --hard",
    "add": "echo x > new.py && git add new.py",
    "clean": "git clean -fdxq",
}


@pytest.mark.parametrize("said", [True, False], ids=["named", "hidden"])
@pytest.mark.parametrize("command", GIT.values(), ids=GIT)
def test_git_in_the_project_does_no_harm(quick_project: Project, command: str, said: bool) -> None:
    """Suites that name git run in a tree of their own; what others do is undone."""
    if said:
        write_hostile(quick_project, SHELL.format(command))
    else:
        hidden = command.replace("git", "g''it")
        quick_project.stage({"run.bin": hidden})
        write_hostile(quick_project, "subprocess.run(['sh', 'run.bin'])")
    before = quick_project.state()

    answer = quick_project.check()

    assert quick_project.state() == before, answer
    assert answer.code in (0, 1, 3), answer
    assert "Traceback" not in answer.err


def test_removed_state_folder(quick_project: Project) -> None:
    write_hostile(quick_project, "import shutil; shutil.rmtree('.git/covgate')")
    before = quick_project.state()

    answer = quick_project.check()

    assert answer.code == 3, answer
    assert quick_project.state() == before
    assert "Traceback" not in answer.err
    assert "defect" not in answer.err


SLOW = {
    "ignores-signals": (
        "import time\n"
        "for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(s, signal.SIG_IGN)"
        "\ntime.sleep(600)"
    ),
    "thread-hangs-at-exit": "import threading, time\n"
    "threading.Thread(target=time.sleep, args=(600,)).start()",
}


@pytest.mark.parametrize("body", SLOW.values(), ids=SLOW)
def test_time_is_limited(quick_project: Project, body: str, tmp_path: Path) -> None:
    quick_project.stage({"covgate.toml": "timeout = 4\n"})
    pid = tmp_path / "pid"
    write_hostile(quick_project, f"open({str(pid)!r}, 'w').write(str(os.getpid()))\n{body}")
    before = quick_project.state()
    started = time.monotonic()

    answer = quick_project.check()

    assert time.monotonic() - started < 30
    assert answer.code == 3, answer
    assert "did not finish in 4 s" in answer.data["findings"][0]["message"]
    assert quick_project.state() == before
    assert not Path(f"/proc/{pid.read_text()}").exists()
