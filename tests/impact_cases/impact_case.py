"""One case of test selection: a project, an edit, and the tests whose outcome it changes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from covgate.change.reading import Request
from covgate.gate.judging import judge
from covgate.gate.question import Question
from covgate.gate.recording import record
from project_environments import copy_linked

if TYPE_CHECKING:
    from collections.abc import Mapping

# The interpreter to try instead of ours.
OTHER = os.environ.get("COVGATE_CASES_PYTHON")
PYTHON = OTHER or sys.executable


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    target: str


class Script(str):
    """The text of an executable file."""

    __slots__ = ()


Content = str | bytes | Link


@dataclass(frozen=True)
class Case:
    """`must` are the tests whose outcome differs; `most` bounds how many may run (None: any).

    `at_once`: those that only run because another one failed do not count as found.
    `site` are files of site-packages, `beside` files of a folder outside of the repository that
    is on the import path; `site_change`, `beside_change` and `env_change` happen with the edit.
    `needs` are distributions, plugins of pytest for example, that its interpreter must have.
    `ignored` are patterns of files that git ignores, `ignored_change` those after the change.
    `forgotten` are files that git no longer knows then, `stray` untracked files from the base on,
    so that the tests run in a tree of their own.
    """

    id: str
    base: Mapping[str, Content]
    change: Mapping[str, Content | None]
    must: tuple[str, ...]
    most: int | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    env_change: Mapping[str, str] = field(default_factory=dict)
    site: Mapping[str, str] = field(default_factory=dict)
    site_change: Mapping[str, str | None] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    beside_change: Mapping[str, str | None] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    ignored: str = ""
    ignored_change: str | None = None
    forgotten: tuple[str, ...] = ()
    stray: Mapping[str, Content] = field(default_factory=dict)
    at_once: bool = False


class Ground:
    """The repository of one case, with an interpreter of its own where the case needs one."""

    def __init__(self, folder: Path, case: Case, env: Mapping[str, str], bytecode: Path) -> None:
        self.folder = folder
        self.case = case
        self.root = folder / "project"
        # Plugins that a case does not ask for could shuffle its tests.
        self.env = {**env, **case.env, "COVGATE_PYTHON": OTHER or env["COVGATE_PYTHON"]}
        self.root.mkdir()
        if case.site or case.site_change or case.beside or case.needs:
            self._make_environment()
        write(self.root, case.base)
        self._git("init", "-q")
        # Bytecode of pytest and coverage is the same for all; making it anew costs a second.
        (self.root / ".git" / "covgate").mkdir()
        (self.root / ".git" / "covgate" / "bytecode").symlink_to(bytecode)
        self._add(case.ignored)
        self._git("commit", "-q", "-m", "base")
        write(self.root, case.stray)

    def _add(self, ignored: str) -> None:
        exclude = self.root / ".git" / "info" / "exclude"
        exclude.parent.mkdir(exist_ok=True)
        exclude.write_text(ignored.replace(" ", "\n") + "\n")
        stray = (f":(exclude){name}" for name in self.case.stray)
        self._git("add", "-A", *(() if self.case.ignored else ("-f",)), "--", ".", *stray)

    def _git(self, *words: str) -> None:
        command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.invalid", *words]
        subprocess.run(command, cwd=self.root, check=True, env=self.env, stdout=subprocess.DEVNULL)

    def _make_environment(self) -> None:
        """A virtual environment that borrows pytest and coverage from the one we have."""
        place = self.folder / "venv"
        subprocess.run([PYTHON, "-m", "venv", "--without-pip", str(place)], check=True)
        (self.site,) = place.glob("lib/python3*/site-packages")
        self._borrow("pytest", "coverage", *self.case.needs)
        beside = self.folder / "beside"
        beside.mkdir()
        (self.site / "beside.pth").write_text(f"{beside}\n")
        write(self.site, self.case.site)
        write(beside, self.case.beside)
        self.env["COVGATE_PYTHON"] = str(place / "bin" / "python")

    def _borrow(self, *distributions: str) -> None:
        """Copy some distributions, and what they need, into the environment.

        Behind symbolic links their lines would be measured, which takes longer than the tests do.
        """
        code = (
            "import sys; from importlib.metadata import requires, distribution as found\n"
            "from packaging.requirements import Requirement\n"
            "names, seen = sys.argv[1:], set()\n"
            "while names:\n"
            "    name = names.pop()\n"
            "    if name not in seen:\n"
            "        seen.add(name)\n"
            "        needs = [Requirement(text) for text in requires(name) or ()]\n"
            "        names += [n.name for n in needs\n"
            "                  if not n.marker or n.marker.evaluate({'extra': ''})]\n"
            "        tops = {file.parts[0] for file in found(name).files or ()} - {'..'}\n"
            "        print(*(found(name).locate_file(top) for top in tops), sep='\\n')\n"
        )
        asked = [PYTHON, "-c", code, *distributions]
        answer = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
        for entry in map(Path, set(answer.splitlines())):
            if entry.exists() and entry.name != "__pycache__":
                copy_linked(entry, self.site / entry.name)

    def record(self) -> None:
        """Learn what the tests of the base depend on."""
        done = record(self.root, self.env)
        assert done.problem is None
        assert done.status in (0, 1), done.output

    def edit(self) -> None:
        """Make the case's change and stage it."""
        if self.case.site_change or self.case.beside_change:
            time.sleep(0.01)
            write(self.site, self.case.site_change)
            write(self.folder / "beside", self.case.beside_change)
        self.env.update(self.case.env_change)
        write(self.root, self.case.change)
        before, after = self.case.ignored, self.case.ignored_change
        self._add(before if after is None else after)
        if self.case.forgotten:
            self._git("rm", "-q", "-r", "--cached", *self.case.forgotten)

    def selected(self) -> dict[str, str]:
        """Ask the gate; return the tests that it ran, each with the reason."""
        rules = frozenset({"tests-fail", "diff-coverage"})
        answer = judge(Question(self.root, self.env, Request(), only=rules))
        return {test.id: test.why for test in answer.tests.selected}

    def clean(self) -> None:
        """Remove what is not part of the commit."""
        self._git("clean", "-f", "-d", "-q")

    def outcomes(self) -> dict[str, str]:
        """Run everything with pytest alone; return outcomes by test."""
        log = self.folder / "log"
        log.unlink(missing_ok=True)
        plugin = self.folder / "plugin"
        plugin.mkdir(exist_ok=True)
        (plugin / "case_log.py").write_text(
            "def pytest_runtest_logreport(report):\n"
            f"    with open({str(log)!r}, 'a') as stream:\n"
            "        if report.when == 'call' or not report.passed:\n"
            "            print(report.nodeid, report.outcome, sep='\\t', file=stream)\n"
        )
        env = {
            **self.env,
            "PYTHONPATH": str(plugin),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        subprocess.run(
            [self.env["COVGATE_PYTHON"], "-m", "pytest", "-q", "-p", "case_log",
             "-p", "no:cacheprovider", "--continue-on-collection-errors"],
            cwd=self.root, env=env, check=False, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        found: dict[str, str] = {}
        for line in log.read_text().splitlines() if log.exists() else ():
            test, outcome = line.split("\t")
            found[test] = outcome if found.get(test, "passed") == "passed" else found[test]
        return found


def write(root: Path, files: Mapping[str, Content | None]) -> None:
    """Write files, make links, and remove what is None (folders with all that they hold)."""
    for name, text in files.items():
        place = root / name
        if place.is_symlink() or place.is_file():
            place.unlink()
        elif place.is_dir():
            shutil.rmtree(place)
        if text is None:
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, Link):
            place.symlink_to(text.target)
        elif isinstance(text, bytes):
            place.write_bytes(text)
        else:
            place.write_text(text, encoding="utf-8")
            if isinstance(text, Script):
                place.chmod(0o755)
