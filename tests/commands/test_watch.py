"""`covgate watch`: what is staged is judged ahead, and the commit repeats the answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conftest import BASE_MODULE, Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOOK = f'#!/bin/sh\nexec "{sys.executable}" -m covgate check --target=100\n'
WRONG = BASE_MODULE.replace("x + 1", "x + 2")
RIGHT = BASE_MODULE.replace("x + 1", "1 + x")
# Leaves a file for each run, which stays as long as `seconds`.
SLOW_TEST = """\
import os, time
from m import f


def test_f():
    with open({place!r} + str(os.getpid()), "w"):
        time.sleep({seconds})
    assert f(1) == 2
"""
PROCESSES = "the tests start other processes"
# Changes a file that git ignores, in the working tree of whoever watches.
MEDDLING_TEST = """\
import time
from m import f


def test_f():
    assert f(1) == 2


def teardown_module():
    import subprocess
    {code}
"""


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


class Watching:
    """A `covgate watch` at work in a project."""

    def __init__(self, project: Project, folder: Path, *args: str) -> None:
        self.project = project
        self._out, self._err = folder / "out", folder / "err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "covgate", "watch", "--target=100", *args],
                cwd=project.root,
                env=project.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                preexec_fn=lambda: signal.signal(  # noqa: PLW1509 - there are no threads here
                    signal.SIGINT, signal.default_int_handler
                ),
            )
        self.wait("watching what is staged")

    @property
    def said(self) -> str:
        return self._out.read_text() + self._err.read_text()

    def wait(self, text: str) -> None:
        wait_for(lambda: text in self.said or self.process.poll() is not None)
        assert text in self.said

    def stage(self, files: dict[str, str], until: str) -> None:
        """Stage files and wait until that has been judged anew."""
        before = self.said.count(until)
        self.project.stage(files)
        wait_for(lambda: self.said.count(until) > before or self.process.poll() is not None)
        assert self.said.count(until) > before, self.said


@contextmanager
def watching(project: Project, folder: Path, *args: str) -> Iterator[Watching]:
    folder.mkdir(exist_ok=True)
    watch = Watching(project, folder, *args)
    try:
        yield watch
    finally:
        watch.process.kill()
        watch.process.wait()


@pytest.fixture
def hooked(project: Project) -> Project:
    hook = project.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK)
    hook.chmod(0o755)
    return project


def commit(project: Project) -> tuple[int, str]:
    done = project.run("git", "commit", "-m", "a change")
    return done.code, done.out + done.err


def told(text: str) -> list[str]:
    """What an answer says up to the output of the tests, without its notes."""
    lines = text.partition("-- test output")[0].split("\n")
    return [line for line in lines if not line.startswith(("note:", "      "))]


def test_the_commit_finds_what_was_judged_ahead(hooked: Project, tmp_path: Path) -> None:
    with watching(hooked, tmp_path / "watch") as watch:
        hooked.stage({"m.py": WRONG})
        before = hooked.state()
        watch.wait("blocked - 1 of 1")
        own = hooked.covgate("check", "--target=100", MODE="fast")
        assert "under other circumstances: environment variables" in " ".join(own.out.split())
        assert hooked.state() == before
        first, second = commit(hooked), commit(hooked)
        assert (first[0], "judged ahead" in first[1]) == (1, True)
        assert (second[0], "judged ahead" in second[1]) == (1, False)
        assert told(first[1]) == told(second[1]) == told(own.out)
        assert "assert 3 == 2" in first[1]

        watch.stage({"m.py": RIGHT}, "passed - 1 test ran")
        hooked.write({"m.py": "edited since", "new.txt": "as well"})
        code, said = commit(hooked)
        assert (code, "judged ahead" in said) == (0, True), said
        assert (hooked.root / "m.py").read_text() == "edited since"


@pytest.mark.usefixtures("hangups")
def test_restaging_and_the_end_leave_nothing_behind(project: Project, tmp_path: Path) -> None:
    place = tmp_path / "pid-"
    slow = SLOW_TEST.format(place=str(place), seconds=300)
    own = project.root / ".git" / "covgate"

    def running(number: int) -> int:
        wait_for(lambda: len([*tmp_path.glob("pid-*")]) == number)
        found = max(tmp_path.glob("pid-*"), key=lambda file: file.stat().st_mtime_ns)
        return int(found.name.removeprefix("pid-"))

    with watching(project, tmp_path / "watch") as watch:
        project.stage({"test_m.py": slow})
        first = running(1)
        watch.process.send_signal(signal.SIGHUP)  # the terminal was closed
        assert watch.process.wait(30) == 130
        assert not is_alive(first)
        assert not [*own.glob("run-*")]

    with watching(project, tmp_path / "watch") as watch:
        second = running(2)
        project.stage({"test_m.py": f"{slow}    assert f(2) == 3\n"})
        third = running(3)
        assert not is_alive(second)
        watch.process.kill()
        wait_for(lambda: not is_alive(third) and not [*own.glob("run-*")])


def test_a_commit_waits_for_the_judgement_that_is_under_way(
    hooked: Project, tmp_path: Path
) -> None:
    place = tmp_path / "pid-"
    with watching(hooked, tmp_path / "watch"):
        hooked.stage({"test_m.py": SLOW_TEST.format(place=str(place), seconds=1.5)})
        wait_for(lambda: [*tmp_path.glob("pid-*")])
        code, said = commit(hooked)
    assert (code, "judged ahead" in said) == (0, True), said
    assert len([*tmp_path.glob("pid-*")]) == 1


def test_what_hinders_is_told_and_watching_goes_on(project: Project, tmp_path: Path) -> None:
    with watching(project, tmp_path / "watch") as watch:
        other = project.covgate("watch")
        assert (other.code, "another `covgate watch`" in other.err) == (2, True)

        (project.root / ".git" / "rebase-merge").mkdir()
        watch.wait("waiting: a rebase is under way")
        (project.root / ".git" / "rebase-merge").rmdir()

        watch.stage({"covgate.toml": "targett = 1\n"}, "misconfigured")
        project.git("rm", "-q", "--cached", "covgate.toml")
        (project.root / "covgate.toml").unlink()
        watch.stage({"m.py": "def f(x:\n"}, "m.py does not parse")
        project.git("commit", "-q", "--no-verify", "-m", "theirs")
        project.git("checkout", "-q", "-b", "other", "HEAD^")
        project.commit({"m.py": "x = 1\n"})
        project.git("merge", "-q", "main", check=False)
        watch.wait("waiting: the index has unmerged paths: m.py")
        assert watch.process.poll() is None


def test_it_ends_when_nobody_listens_any_more(project: Project) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "covgate", "watch"],
        cwd=project.root,
        env=project.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(30) == 130


def test_once_without_anything_staged(project: Project) -> None:
    answer = project.covgate("watch", "--once")
    assert (answer.code, answer.out) == (0, "")
    assert answer.err.endswith("covgate: nothing is staged\n")


@pytest.mark.parametrize(
    ("code", "why", "form"),
    {
        "meddling": ("open({ignored!r}, 'w').close()", "something around the project", "text"),
        "processes": ("subprocess.run([{python!r}, '-c', ''])", PROCESSES, "json"),
    }.values(),
    ids=["meddling", "processes"],
)
def test_what_can_not_be_repeated_is_judged_by_the_commit(
    hooked: Project, code: str, why: str, form: str
) -> None:
    ignored = str(hooked.root / "data.db")
    hooked.commit({".gitignore": "*.db\n"})
    code = code.format(ignored=ignored, python=sys.executable)
    hooked.stage({"test_m.py": MEDDLING_TEST.format(code=code), "m.py": RIGHT})

    ahead = hooked.covgate("watch", "--once", "--target=100", f"--format={form}")

    assert ahead.code == 0
    if form == "json":
        line = json.loads(ahead.out)
        assert ahead.out.count("\n") == 1
        assert (line["verdict"], line["unkept"], line["receipt"]) == ("pass", why, None)
    else:
        assert f"\n         the commit judges it again: {why}" in ahead.out
    code_of_commit, said = commit(hooked)
    assert (code_of_commit, "judged ahead" in said) == (0, False)


def test_without_receipts_there_is_nothing_to_watch_for(project: Project) -> None:
    answer = project.covgate("watch", COVGATE_NO_RECEIPT="1")
    assert (answer.code, "COVGATE_NO_RECEIPT" in answer.err) == (2, True)


def test_an_idle_watcher_costs_next_to_nothing(project: Project, tmp_path: Path) -> None:
    def spent(pid: int) -> float:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")

    with watching(project, tmp_path / "watch") as watch:
        time.sleep(1)  # it has looked for the first time
        before = spent(watch.process.pid)
        time.sleep(1)
        assert spent(watch.process.pid) - before < 0.05
