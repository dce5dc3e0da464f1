"""Tests that end, hang or damage their own run: a sentence, no pass, and nothing is changed."""

from __future__ import annotations

import os
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
    "segmentation-fault": (
        "import ctypes; ctypes.string_at(0)",
        r"interpreter died while test_h\.py::test_h was running",
    ),
    "pytest-exit-0": ("pytest.exit('enough', returncode=0)", r"ended early while test_h"),
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
    "folders-and-paths": (
        "import tempfile; d = tempfile.mkdtemp(); os.chdir(d); os.rmdir(d)\n"
        "sys.path.clear(); sys.modules.pop('json', None)"
    ),
    "children": ("subprocess.Popen(['sleep', '100'])\nif os.fork() == 0: sys.exit(0)\nos.wait()"),
    "output": (
        "print('x' * 5_000_000); os.write(1, bytes(range(256)) * 10)\nos.close(1); os.close(2)"
    ),
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
    "by-name": (
        (
            "open('m.py', 'w').write('x = 1')\n"
            "with open('a.txt', 'a') as s: s.write('x = 1')\n"
            "os.remove('b.txt'); os.rename('c.txt', 'c2.txt'); os.chmod('run.sh', 0o644)\n"
            "import sqlite3; c = sqlite3.connect('a.db'); c.execute('create table t(x)'); c.close()"
        ),
        ["m.py", "a.txt", "b.txt", "c.txt", "run.sh", "a.db"],
    ),
    "links-and-folders": (
        (
            "import shutil; shutil.rmtree('data'); os.rename('data2', 'data3')\n"
            "open('link', 'w').write('x = 1'); os.remove('link')\n"
            "os.remove('a.txt'); os.symlink('m.py', 'a.txt')"
        ),
        ["data/deep/a.txt", "data2/b.txt", "m.py", "link", "a.txt"],
    ),
    "child": (SHELL.format("echo x > m.py; rm -r data a.txt"), ["m.py", "data/deep/a.txt"]),
    "and-dies": ("open('m.py', 'w').write('x = 1')\nos._exit(0)", ["m.py"]),
}
FILES: dict[str, str | bytes | None] = {
    "a.txt": "a",
    "b.txt": "b",
    "c.txt": "c",
    "a.db": b"",
    "data/deep/a.txt": "a",
    "data2/b.txt": "b",
    "run.sh": "true",
}


@pytest.mark.parametrize(("body", "harmed"), WRITES.values(), ids=WRITES)
def test_tracked_files_are_put_back(quick_project: Project, body: str, harmed: list[str]) -> None:
    (quick_project.root / "run.sh").touch(0o755)
    quick_project.stage(FILES)
    (quick_project.root / "link").symlink_to("m.py")
    quick_project.git("add", "link")
    write_hostile(quick_project, body)
    before = quick_project.state()
    mode = (quick_project.root / "run.sh").stat().st_mode

    answer = quick_project.check()

    assert quick_project.state() == before
    assert answer.code == 3, answer
    assert "put back" in answer.data["findings"][0]["message"]
    assert [name for name in harmed if name not in answer.data["findings"][0]["message"]] == []
    assert (quick_project.root / "run.sh").stat().st_mode == mode
    assert (quick_project.root / "link").is_symlink()


MAKES = {
    "itself": "os.makedirs('new/er'); open('new/er/a.txt', 'w').close(); open('b.py', 'w').close()",
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


IDENTITY = "export EMAIL=x@y; git config user.name Intruder; "
GIT = {
    "commit": IDENTITY + "git commit -q --allow-empty -m intruder",
    "switch-and-commit-all": IDENTITY
    + "git checkout -q -b other; echo x > new.py; git add -A; git commit -qm intruder",
    "stash": IDENTITY + "git stash -q",
    "reset-and-clean": "git reset -q --hard; git clean -fdxq",
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


def test_change_that_git_cannot_tell_by_time_and_size(quick_project: Project) -> None:
    """Git believes an index that is newer than the files: put back, it must not look newer."""
    quick_project.git("config", "core.trustctime", "false")
    quick_project.git("config", "core.checkStat", "minimal")
    module, index = quick_project.root / "m.py", quick_project.root / ".git" / "index"
    back = "g''it reset -q --hard; touch -d @1600000000 m.py"
    quick_project.stage({"run.bin": back})
    write_hostile(quick_project, "subprocess.run(['sh', 'run.bin'])")
    os.utime(module, (1_600_000_000, 1_600_000_000))
    quick_project.git("add", "m.py")
    os.utime(index, (1_600_000_000, 1_600_000_000))
    before = quick_project.state()

    answer = quick_project.check()

    assert quick_project.state() == before
    assert answer.code == 3, answer


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
    quick_project.stage({"covgate.toml": "timeout = 8\n"})
    pid = tmp_path / "pid"
    write_hostile(quick_project, f"open({str(pid)!r}, 'w').write(str(os.getpid()))\n{body}")
    before = quick_project.state()
    started = time.monotonic()

    answer = quick_project.check()

    assert time.monotonic() - started < 60
    assert answer.code == 3, answer
    assert "did not finish in 8 s" in answer.data["findings"][0]["message"]
    assert quick_project.state() == before
    assert not Path(f"/proc/{pid.read_text()}").exists()


def test_a_module_that_answers_every_attribute_by_an_error_is_recorded(
    empty_project: Project,
) -> None:
    asked = "def __getattr__(name):\n    return globals()[name[1:]]\n\n\ndef f():\n    return 1\n"
    test = "import m\n\n\ndef test_f():\n    assert m.f() == 1\n"
    empty_project.commit({"m.py": asked, "test_m.py": test})

    recorded = empty_project.covgate("record")
    again = empty_project.covgate("check", "--run-all")

    assert (recorded.code, recorded.out.split(";")[0]) == (0, "recorded 1 test"), recorded
    assert again.code == 0, again
