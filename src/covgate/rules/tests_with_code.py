"""`tests-with-code`: a change of code comes with a change of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.change.diff import is_python
from covgate.config.globs import matches
from covgate.coverage.changed import is_test_module, is_tooling
from covgate.coverage.touched import touches_code
from covgate.rules.finding import Finding
from covgate.rules.severity import severity_of

if TYPE_CHECKING:
    from covgate.change.model import Change
    from covgate.config.plan import TestsWithCode

RULE = "tests-with-code"
_TEST_FOLDERS = {"test", "tests", "testing"}
_SHOWN = 3


def find(change: Change, settings: TestsWithCode) -> list[Finding]:
    """Return a finding when lines of code are added or changed and no test is.

    Deleting code, moving it and writing about it need no test.
    """
    if settings.level == "off" or change.mode == "all":
        return []
    changed = [file for file in change.files if is_python(file.path) and file.lines]
    if any(_is_test(file.path) and touches_code(change, file) for file in changed):
        return []
    code = [
        file
        for file in changed
        if not is_tooling(file.path)
        and not any(matches(glob, file.path) for glob in settings.exclude)
        and touches_code(change, file)
    ]
    if not code:
        return []
    names = ", ".join(file.path for file in code[:_SHOWN])
    more = f" and {len(code) - _SHOWN} more" if len(code) > _SHOWN else ""
    return [
        Finding(
            RULE,
            f"code changes and no test does: {names}{more}",
            code[0].path,
            min(code[0].lines),
            help="commit the tests of a change together with it",
            severity=severity_of(settings.level),
        )
    ]


def _is_test(path: str) -> bool:
    return is_test_module(path) or not _TEST_FOLDERS.isdisjoint(path.split("/")[:-1])
