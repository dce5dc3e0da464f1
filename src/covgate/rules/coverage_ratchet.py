"""`coverage-ratchet`: a change must not lose coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.coverage.changed import is_test_module
from covgate.coverage.project import cut
from covgate.coverage.standing import fell
from covgate.rules.finding import Finding
from covgate.rules.severity import severity_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.coverage.standing import Standing

RULE = "coverage-ratchet"
_SHOWN = 10


def find(standing: Standing) -> list[Finding]:
    """Return a finding when the percentage fell and more is missed, and where it was lost."""
    base, now = standing.base, standing.project
    if base is None or not fell(now.counts, base.counts):
        return []
    more = now.counts.missed - base.counts.missed
    message = (
        f"coverage of the project fell from {cut(base.counts.ratio)}% to {cut(now.counts.ratio)}%, "
        f"and {more:,} more {'line or branch is' if more == 1 else 'lines or branches are'} missed"
    )
    severity = severity_of(standing.settings.coverage_ratchet.level)
    help_ = "add tests for what is new, or keep the tests of what was covered"
    return [Finding(RULE, message, help=help_, severity=severity), *_unchanged(standing)]


def _by(standing: Standing, path: str, lost: list[int]) -> str:
    """Say whose change lost the lines; nothing where there is no evidence of it."""
    tests = standing.lost_by(path, lost)
    told = [f"{test}, which {fate}" for test, fate in tests.items()]
    more = f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return f"; run before by {'; '.join(told[:_SHOWN])}{more}" if told else ""


def _unchanged(standing: Standing) -> Iterator[Finding]:
    """List the files that lost coverage although nothing in them changed, and by which tests."""
    tests = [
        f"{file.path} ({'deleted' if file.status == 'deleted' else 'changed'})"
        for file in standing.change.files
        if is_test_module(file.path)
    ]
    by = f"; tests that this change touches: {', '.join(tests[:_SHOWN])}" if tests else ""
    for path, file in sorted(standing.project.files.items()):
        before = standing.before(path)
        if before is None or standing.is_changed(path) or not fell(file.counts, before.counts):
            continue
        lost = sorted(file.missing - before.missing)
        lines = f", lines {', '.join(map(str, lost[:_SHOWN]))}" if lost else ""
        message = (
            f"lost coverage although it did not change{lines}{_by(standing, path, lost) or by}"
        )
        yield Finding(RULE, message, path, lost[0] if lost else None, severity="note")
