"""`tests-fail`: an impacted test fails, or a test file can't be collected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.rules.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covgate.run.plan import RunResult, TestRun

RULE = "tests-fail"
FAILED = ("failed", "error")


def find(result: RunResult, severity: Severity) -> list[Finding]:
    """Return a finding for each failed test and each file that can't be collected."""
    failed = (test for test in result.tests if test.outcome in FAILED)
    return [*_uncollected(result.collect_errors, severity), *(_failed(t, severity) for t in failed)]


def _failed(test: TestRun, severity: Severity) -> Finding:
    said = ""
    line = test.line
    if test.crash:
        path, crash_line, message = test.crash
        said = next((text for text in message.split("\n") if text.strip()), "").strip()
        # The failing assertion, when it stands in the test's own file.
        line = crash_line if path == test.path and crash_line else line
    what = "fails" if test.outcome == "failed" else "fails outside its own body (fixture or setup)"
    return Finding(
        RULE,
        f"{test.id} {what}" + (f": {said}" if said else ""),
        path=test.path,
        line=line,
        help=f"run it: python -m pytest '{test.id}'",
        severity=severity,
    )


def _uncollected(errors: Iterable[tuple[str, str]], severity: Severity) -> Iterable[Finding]:
    for node, text in errors:
        said = [line.strip() for line in text.split("\n") if line.startswith("E ")]
        reason = said[-1].removeprefix("E").strip() if said else text.strip().split("\n")[-1]
        yield Finding(
            RULE,
            f"{node or 'the suite'} can't be collected: {reason}",
            path=node.partition("::")[0] or None,
            help="none of its tests can run until pytest can import it",
            severity=severity,
        )
