"""A pytest plugin of the mutation replay: who ran, how it ended, and which lines it ran.

Outcomes are written to the file named by REPLAY_OUTCOMES, one JSON object a line. Under
`coverage run` with REPLAY_CONTEXTS set, each test's lines are told apart by coverage's contexts.
Runs in the interpreter of the project: the standard library and pytest only.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

_FILE = os.environ.get("REPLAY_OUTCOMES", "")
_CONTEXTS = os.environ.get("REPLAY_CONTEXTS")


def _say(test: str, outcome: str) -> None:
    with open(_FILE, "a", encoding="utf-8") as stream:  # tests patch pathlib
        stream.write(json.dumps([test, outcome]) + "\n")


if _FILE:

    def pytest_runtest_logreport(report: pytest.TestReport) -> None:
        """Write how a test ended, or a phase of it that did not go well."""
        if report.when == "call" or report.outcome != "passed":
            _say(report.nodeid, report.outcome)

    def pytest_collectreport(report: pytest.CollectReport) -> None:
        """Write which files cannot be collected."""
        if report.outcome == "failed":
            _say(report.nodeid, "failed")


if _CONTEXTS:

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, None, None]:
        """Measure each test in a context of its own."""
        import coverage

        measuring = coverage.Coverage.current()
        if measuring is not None:
            measuring.switch_context(item.nodeid)
        yield
        if measuring is not None:
            measuring.switch_context("")
