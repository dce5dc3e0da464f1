"""Diff coverage of one change: the changed lines, statement by statement."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from covgate.change.model import FileChange
    from covgate.run.plan import MeasuredFile

# Python files that belong to the project's tooling; nothing imports them in a test run, and
# without a `source` setting coverage knows nothing of them.
_TOOLING = (
    "setup.py",
    "noxfile.py",
    "tasks.py",
    "fabfile.py",
    "dodo.py",
    "conftest.py",
    "manage.py",
)
_TOOLING_FOLDERS = {
    "docs",
    "doc",
    "examples",
    "example",
    "benchmarks",
    "benchmark",
    "bench",
    "tests",
    "test",
    "testing",
    ".github",
}


class ChangedStatements(NamedTuple):
    """The changed statements of one file by first line, sorted.

    `partial` maps a line of `uncovered` to (exits taken, exits in all) when it ran but not every
    way out of it was taken. `imported` is False when no test imported the file at all.
    """

    covered: tuple[int, ...]
    uncovered: tuple[int, ...]
    partial: Mapping[int, tuple[int, int]] = {}
    imported: bool = True


class LineVerdicts(NamedTuple):
    """The changed statements by path, and the changed files that are not measured, with why."""

    files: Mapping[str, ChangedStatements]
    unmeasured: Mapping[str, str]


def judge_lines(files: Iterable[FileChange], measured: Mapping[str, MeasuredFile]) -> LineVerdicts:
    """Map the changed lines of each file to its statements, and tell covered from uncovered.

    A changed continuation line stands for its statement; comments, blank lines and excluded
    lines stand for nothing. A file that no test imported counts with all that changed in it,
    unless it is tooling that no test would import.
    """
    found: dict[str, ChangedStatements] = {}
    unmeasured: dict[str, str] = {}
    for file in files:
        facts = measured.get(file.path)
        if not file.lines or facts is None:
            continue
        if not facts.measured:
            unmeasured[file.path] = "left out by the coverage settings"
        elif not facts.imported and is_tooling(file.path):
            unmeasured[file.path] = "no test imports it"
        else:
            found[file.path] = _statements(file.lines, facts)
    return LineVerdicts(found, unmeasured)


def _statements(lines: Iterable[int], facts: MeasuredFile) -> ChangedStatements:
    changed = {facts.statement_of.get(line, line) for line in lines}
    executed, missing = changed & facts.executed, changed & facts.missing
    partial = {
        line: (facts.partial[line][0], sum(facts.partial[line]))
        for line in executed
        if line in facts.partial
    }
    return ChangedStatements(
        covered=tuple(sorted(executed - partial.keys())),
        uncovered=tuple(sorted(missing | partial.keys())),
        partial=partial,
        imported=facts.imported,
    )


def is_tooling(path: str) -> bool:
    """Whether `path` is a test or belongs to the project's tooling, by where it lies."""
    *folders, name = path.split("/")
    if name in _TOOLING and (not folders or name == "conftest.py"):
        return True
    if is_test_module(path):
        return True
    return any(folder in _TOOLING_FOLDERS for folder in folders)


def is_test_module(path: str) -> bool:
    """Whether pytest would collect or load `path`, by its name."""
    name = path.rpartition("/")[2]
    return name == "conftest.py" or fnmatchcase(name, "test_*.py") or fnmatchcase(name, "*_test.py")
