"""Rule `test-first`: an added or altered test must fail on the code of before the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.rules.finding import Finding, Severity
from covgate.rules.silenced.changed import place_of
from covgate.rules.silenced.trees import tree_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.change.model import Change
    from covgate.change.snapshot import Snapshot
    from covgate.config.model import TestFirst

RULE = "test-first"
_TEST_FOLDERS = {"test", "tests", "testing"}
_NOT_KNOWN = (
    "test-first: whether the new tests raise coverage is not known; `covgate record` at the base, "
    "or a run of everything there, tells"
)
_NO_SOURCE = (".md", ".rst", ".txt", ".yml", ".yaml", ".cfg", ".ini", ".gitignore", ".lock")


class Red(NamedTuple):
    """How tests ended on the base's source: outcomes by id; what is not there could not run.

    `fresh` are the ids of tests that the base does not have, `raised` tells whether the run
    covered what the base's own tests miss (None: not known), `problem` why there is no answer.
    """

    outcomes: Mapping[str, str]
    fresh: frozenset[str]
    raised: bool | None
    problem: str = ""


class Verdict(NamedTuple):
    """What the rule found, and what the reader should know besides."""

    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def is_test_side(path: str, snapshot: Snapshot) -> bool:
    """Return whether a file belongs to the tests rather than to what they test."""
    if path.rpartition("/")[2] == "conftest.py" or set(path.split("/")[:-1]) & _TEST_FOLDERS:
        return True
    return tree_of(snapshot).is_test_file(path)


def find(change: Change, red: Red, settings: TestFirst) -> Verdict:
    """Return the tests that pass without the change.

    A change of tests alone has nothing to prove: its altered tests are let be, and its new ones
    when they cover what nothing covered, or when that is not known.
    """
    if red.problem:
        return Verdict(notes=(red.problem,))
    passed = [test for test, outcome in red.outcomes.items() if outcome == "passed"]
    if red.raised:
        passed = [test for test in passed if test not in red.fresh]
    notes: tuple[str, ...] = ()
    if not _changes_source(change):
        passed = [test for test in passed if test in red.fresh]
        if passed and red.raised is None:
            notes = (_NOT_KNOWN,)
            passed = []
    severity: Severity = "error" if settings.level == "error" else "warning"
    places = sorted({place_of(test) for test in passed})
    facts = tree_of(change.target)
    return Verdict(
        tuple(_finding(path, name, _line(facts.facts(path), name), severity)
              for path, name in places),
        notes,
    )  # fmt: skip


def _changes_source(change: Change) -> bool:
    return any(
        not is_test_side(file.path, change.target if file.status != "deleted" else change.before[0])
        and not file.path.endswith(_NO_SOURCE)
        for file in change.files
    )


def _line(facts: object, name: str) -> int | None:
    units = getattr(facts, "units", {})
    return units[name].line if name in units else None


def _finding(path: str, name: str, line: int | None, severity: Severity) -> Finding:
    return Finding(
        RULE,
        f"{name.rpartition('.')[2]} passes without the change: it proves nothing about it",
        path,
        line,
        line,
        "let it assert what the change makes different; see it fail on the old code first",
        severity,
    )
