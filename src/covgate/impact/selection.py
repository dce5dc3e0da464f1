"""What is to be run, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.impact.carried import Carried
    from covgate.traces.model import Trace


@dataclass(frozen=True)
class Selection:
    """The Python files that pytest may collect, each with the reason to keep it.

    With `everything`, nothing may be left out and `notes` say why. `notes` also tell what widened
    the selection. `other_tests` is the sentence that says why pytest may find tests in files that
    aren't Python (empty when it can't): these depend on Python files in ways nobody knows, so
    pytest has to be started even when `files` is empty. `tests` gives the reasons of single tests,
    `reused` are tests of those files that need not run, because a trace of theirs holds,
    and `carried` what these cover of the changed files; `held` are their traces, and
    `knows_suite` tells that the tests of the whole project have been collected once; `known` are
    all tests that there is or could be evidence of, `python` the interpreter that they run in.
    `suite` are the tests that each file gave when it was last collected, `outcomes` how each
    ended last. `hooks` are functions that hooks of the session call, by file and name: all tests
    are collected for them.
    """

    everything: bool
    files: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    other_tests: str = ""
    tests: Mapping[str, str] = field(default_factory=dict)
    reused: frozenset[str] = frozenset()
    carried: Mapping[str, Carried] = field(default_factory=dict)
    held: Mapping[str, Trace] = field(default_factory=dict)
    knows_suite: bool = False
    known: frozenset[str] = frozenset()
    python: str = ""
    suite: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    hooks: frozenset[tuple[str, str]] = frozenset()
