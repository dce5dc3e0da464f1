"""What is known of the project beyond one change: its coverage over time, and what is missing."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from covgate.change.occasion import Occasion
from covgate.change.reading import Request, read_change
from covgate.coverage.fail_under import read_fail_under
from covgate.coverage.history import History
from covgate.coverage.outlook import Function, Outlook, look_ahead, with_nearest
from covgate.coverage.project import not_exact
from covgate.coverage.today import today
from covgate.errors import UndecidedError
from covgate.gate.evidence import open_archive
from covgate.gate.nearness import lines_by_test, nearest
from covgate.gate.surroundings import Surroundings
from covgate.gate.whole import history_file, read_agreed
from covgate.git.opening import opened
from covgate.run.interpreter import find_interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from covgate.change.snapshot import Snapshot
    from covgate.config.model import Settings
    from covgate.coverage.project import ProjectCoverage
    from covgate.gate.evidence import Archive

_NEAREST = 3
_YEAR = "--since=1.year"
_NOT_KNOWN = "run `covgate record`, or `covgate check --all`: it runs every test once"


class Overview(NamedTuple):
    """The staged tree, its settings, and what is remembered of trees."""

    around: Surroundings
    snapshot: Snapshot
    settings: Settings
    history: History
    python: str

    def coverage(self) -> ProjectCoverage:
        """Return the coverage of the tree; raises `UndecidedError` when it is not known."""
        known = self.history.load(self.snapshot.tree)
        if known is not None:
            return known
        with self.archive() as archive:
            suite = archive.suite
            chosen = archive.choose()
        tests = {test for found in suite.values() for test in found} - chosen.gone
        unknown = len(tests - chosen.reuse.keys())
        why = "not known yet: nothing is recorded of its tests"
        if tests:
            why = not_exact(unknown, len(tests))
        raise UndecidedError(f"the coverage of this tree is {why}", _NOT_KNOWN)

    def outlook(self) -> Outlook:
        """Return what is missing to the targets, with the tests that come nearest to each gap."""
        found = look_ahead(
            self.coverage(),
            self.settings,
            self.snapshot.read,
            self._changes(),
            read_fail_under(self.snapshot).percent,
        )
        with self.archive() as archive:
            alive = {test for tests in archive.suite.values() for test in tests}
            ran = {
                row.path: lines_by_test(archive, row.path) if alive else {}
                for row in found.rows
                if row.functions
            }

        def near(path: str, function: Function) -> list[str]:
            return nearest(ran[path], range(function.first + 1, function.last + 1), alive)

        return with_nearest(found, near, _NEAREST)

    def tests_of(self, path: str) -> list[str]:
        """Return the tests that run something of a module, the one that is most about it first."""
        with self.archive() as archive:
            alive = {test for tests in archive.suite.values() for test in tests}
            ran = lines_by_test(archive, path) if alive else {}
        return nearest(ran, frozenset().union(*ran.values()), alive)

    def _changes(self) -> Mapping[str, int]:
        """Count the commits of the last year by the files that they changed."""
        found: dict[str, int] = {}
        git = self.around.repo.git
        if self.around.repo.head is None:
            return found
        words = ("log", _YEAR, "--no-merges", "--no-renames", "--format=", "--name-only", "-z")
        for name in os.fsdecode(git.run(*words)).split("\0"):
            path = name.strip("\n")
            if path:
                found[path] = found.get(path, 0) + 1
        return found

    @contextmanager
    def archive(self) -> Iterator[Archive]:
        """Open the evidence of the clone."""
        archive = open_archive(self.around, self.snapshot, self.settings, self.python)
        with archive.store:
            yield archive


@contextmanager
def overview(folder: Path, env: Mapping[str, str]) -> Iterator[Overview]:
    """Yield what is known of the staged tree; raises `UsageError` outside of a repository."""
    with opened(folder, env) as (repo, git, scratch, reader):
        change = read_change(repo, git, reader, scratch, Request(everything=True), Occasion())
        _, settings = read_agreed(change, today(env))
        python = find_interpreter(repo.top, repo.main_top, settings.python, env).python
        history = History(history_file(repo), python)
        around = Surroundings(repo, git, scratch, env, False)
        yield Overview(around, change.target, settings, history, python)


class Point(NamedTuple):
    """The coverage at one commit; `percent` is None where it is not known."""

    commit: str
    date: str
    subject: str
    percent: float | None


def trend(seen: Overview, limit: int, path: str | None, component: str | None) -> list[Point]:
    """Return the coverage of the last commits, oldest first: of all, a file or a component."""
    from covgate.coverage.components import members
    from covgate.coverage.project import total

    if seen.around.repo.head is None:
        return []
    words = ("log", "--first-parent", f"-n{limit}", "--format=%H%x00%T%x00%cs%x00%s")
    lines = os.fsdecode(seen.around.repo.git.run(*words)).split("\n")
    commits = [line.split("\0") for line in lines if line]
    known = seen.history.load_all(tree for _, tree, _, _ in commits)
    points = []
    for commit, tree, date, subject in reversed(commits):
        coverage, percent = known.get(tree), None
        if coverage is not None and component is not None:
            paths = members(seen.settings.component, coverage.files).get(component, ())
            percent = total(coverage.files[p] for p in paths).percent if paths else None
        elif coverage is not None and path is not None:
            inside = [f for p, f in coverage.files.items() if p == path or p.startswith(f"{path}/")]
            percent = total(inside).percent if inside else None
        elif coverage is not None:
            percent = coverage.percent
        points.append(Point(commit, date, subject, percent))
    return points
