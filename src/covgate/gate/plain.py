"""The way without covgate: `coverage run -m pytest`, coverage's reports, `diff-cover`.

Ordinary commands in the project's interpreter, on the tree that is checked out; none of the code
that the gate runs tests with takes part. Only the files that they write go elsewhere.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from covgate.coverage.project import FileNumbers
from covgate.errors import UndecidedError
from covgate.run.environment import RECORDER, PrivatePlaces, environment_for_tests

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from covgate.change.model import Change
    from covgate.config.model import Settings
    from covgate.gate.surroundings import Surroundings

# pytest's exit codes: all passed, some failed, none collected (0, 1, 5); anything else is no run.
_RAN = (0, 1, 5)
_USAGE = 4
_INTERRUPTED_BY_COLLECTION = 2


class Plain(NamedTuple):
    """What the plain way found; `files` is None when coverage had nothing to report.

    `uncovered` are diff-cover's violations by path, `covered` its other measured changed lines,
    `with_branches` tells that partial branches are among the violations.
    """

    tests: int
    failed: frozenset[str]
    uncovered: Mapping[str, frozenset[int]]
    covered: Mapping[str, frozenset[int]]
    with_branches: bool
    files: Mapping[str, FileNumbers] | None
    percent: float | None
    commands: tuple[str, ...]


class PlainWay:
    """Runs the commands of one comparison; each run has a folder of its own below `scratch`."""

    def __init__(self, around: Surroundings, settings: Settings, python: str) -> None:
        self._around = around
        self._settings = settings
        self._python = python
        self._runs = 0
        self._plugins = self._installed("pytest_cov", "xdist", "pytest_randomly")
        self._commands: list[str] = []

    def run(self, change: Change) -> Plain:
        """Run the whole suite and report; raises `UndecidedError` when a command fails."""
        folder, env = self._prepare()
        self._commands = []
        said = self._pytest(["-m", "coverage", "run", "-m", "pytest"], (), folder, env)
        if any(folder.glob("coverage-data.*")):
            self._call([self._python, "-m", "coverage", "combine", "-q"], env)
        tests, failed = _outcomes(folder / "cache", said)
        xml, report = folder / "coverage.xml", folder / "coverage.json"
        self._call([self._python, "-m", "coverage", "xml", "-q", "-o", str(xml)], env)
        self._call([self._python, "-m", "coverage", "json", "-q", "-o", str(report)], env)
        found = _numbers(report, self._around.repo.top)
        files, percent, branches = found if found else (None, None, False)
        uncovered: dict[str, frozenset[int]] = {}
        covered: dict[str, frozenset[int]] = {}
        with_branches = False
        if xml.exists():
            stats, with_branches = self._diff_cover(xml, folder, change, branches)
            uncovered = {path: frozenset(one["violation_lines"]) for path, one in stats.items()}
            covered = {path: frozenset(one.get("covered_lines", ())) for path, one in stats.items()}
        return Plain(
            tests, failed, uncovered, covered, with_branches, files, percent, tuple(self._commands)
        )

    def again(self, tests: Iterable[str]) -> frozenset[str]:
        """Run some tests once more, alone; returns those that fail."""
        folder, env = self._prepare()
        said = self._pytest(["-m", "pytest"], sorted(tests), folder, env)
        return _outcomes(folder / "cache", said)[1]

    def _prepare(self) -> tuple[Path, dict[str, str]]:
        self._runs += 1
        folder = self._around.scratch / f"plain-{self._runs}"
        folder.mkdir()
        places = PrivatePlaces(folder, folder / "coverage-data", folder / "hypothesis")
        env = environment_for_tests(self._around.env, self._python, RECORDER, places)
        # Ordinary bytecode is read, and none is left in the project.
        del env["PYTHONPYCACHEPREFIX"]
        env["PYTHONDONTWRITEBYTECODE"] = "1"
        paths = [p for p in env["PYTHONPATH"].split(os.pathsep) if p != str(RECORDER)]
        env["PYTHONPATH"] = os.pathsep.join([*self._roots(), *paths])
        if not env["PYTHONPATH"]:
            del env["PYTHONPATH"]
        return folder, env

    def _roots(self) -> list[str]:
        return [str(self._around.repo.top / root) for root in self._settings.source_roots]

    def _pytest(
        self, start: Sequence[str], ids: Sequence[str], folder: Path, env: Mapping[str, str]
    ) -> str:
        """Run pytest with the project's settings; returns what it said."""
        words = [*self._settings.pytest_args, *(ids or self._settings.test_paths)]
        own = ["-p", "cacheprovider", "-o", f"cache_dir={folder / 'cache'}"]
        # What would measure or distribute the tests a second time, as in the gate.
        own += ["--no-cov"] if "pytest_cov" in self._plugins else []
        own += ["-n", "0", "--dist", "no"] if "xdist" in self._plugins else []
        done = self._call([self._python, *start, *words, *own], env)
        if done.returncode == _USAGE and len(own) > 4:  # the plugins are not loaded here
            done = self._call([self._python, *start, *words, *own[:4]], env)
        said = os.fsdecode(done.stdout)
        failed_collection = done.returncode == _INTERRUPTED_BY_COLLECTION
        if done.returncode not in _RAN and not failed_collection:
            raise UndecidedError(
                f"the plain way gives no answer: pytest ended with {done.returncode}",
                "run `coverage run -m pytest` in the project until it works",
                said,
            )
        return said

    def _diff_cover(
        self, xml: Path, folder: Path, change: Change, branches: bool
    ) -> tuple[Mapping[str, Any], bool]:
        base = change.bases[0]
        out = folder / "diff.json"
        # A tree has no history: what differs from it is asked with two dots.
        notation = ".." if base.commit is None else "..."
        command = [sys.executable, "-m", "diff_cover.diff_cover_tool", str(xml)]
        command += ["--compare-branch", base.commit or base.tree, "--diff-range-notation", notation]
        command += ["--ignore-staged", "--ignore-unstaged", "--format", f"json:{out}"]
        env = {k: v for k, v in self._around.env.items() if not k.startswith("GIT_")}
        with_branches = branches
        done = self._call([*command, *(["--branch-coverage"] if branches else [])], env)
        if done.returncode and branches:  # an older diff-cover
            with_branches = False
            done = self._call(command, env)
        try:
            stats: Mapping[str, Any] = json.loads(out.read_text(encoding="utf-8"))["src_stats"]
        except (OSError, ValueError, KeyError):
            raise UndecidedError(
                "the plain way gives no answer: diff-cover wrote no report",
                "run diff-cover by hand in the project until it works",
                os.fsdecode(done.stdout),
            ) from None
        return stats, with_branches

    def _call(
        self, command: Sequence[str], env: Mapping[str, str]
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command to its end, within the time that the project gives its tests."""
        self._commands.append(" ".join(command))
        process = subprocess.Popen(
            command,
            cwd=self._around.repo.top,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            out, _ = process.communicate(timeout=self._settings.timeout)
        except subprocess.TimeoutExpired:
            raise UndecidedError(
                f"the plain way did not finish in {self._settings.timeout:g} s",
                "raise `timeout` in [tool.covgate]",
            ) from None
        finally:
            _end(process)
        return subprocess.CompletedProcess(list(command), process.returncode, out, b"")

    def _installed(self, *names: str) -> frozenset[str]:
        """Return which of some modules the project's interpreter has."""
        program = (
            "import importlib.util as u, sys; "
            "print(*[n for n in sys.argv[1:] if u.find_spec(n) is not None])"
        )
        done = subprocess.run(
            [self._python, "-c", program, *names], capture_output=True, check=False, text=True
        )
        return frozenset(done.stdout.split())


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what a command left behind."""
    if sys.platform == "win32":
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    process.wait()


def _outcomes(cache: Path, said: str) -> tuple[int, frozenset[str]]:
    """Return how many tests pytest knows and which failed, from what it remembers for --lf."""
    values = cache / "v" / "cache"
    failures = values / "lastfailed"
    try:
        known = json.loads((values / "nodeids").read_text(encoding="utf-8"))
        failed = json.loads(failures.read_text(encoding="utf-8")) if failures.exists() else {}
    except (OSError, ValueError):
        raise UndecidedError(
            "the plain way does not say which tests failed: pytest left no cache",
            "let pytest load its cacheprovider plugin",
            said,
        ) from None
    return len(known), frozenset(failed)


def _numbers(report: Path, top: Path) -> tuple[dict[str, FileNumbers], float, bool] | None:
    """Return counts by file, the percentage, and whether branches are measured."""
    try:
        found = json.loads(report.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    files: dict[str, FileNumbers] = {}
    for path, facts in found["files"].items():
        summary = facts["summary"]
        # Relative to the project, as the gate has it; coverage names files elsewhere in full.
        name = os.path.relpath(top / path, top).replace(os.sep, "/")
        files[name] = FileNumbers(
            summary["num_statements"],
            frozenset(facts["missing_lines"]),
            summary["excluded_lines"],
            summary.get("num_branches", 0),
            summary.get("num_partial_branches", 0),
            summary.get("missing_branches", 0),
        )
    return files, float(found["totals"]["percent_covered"]), bool(found["meta"]["branch_coverage"])
