"""The answer as one JSON object, described by `answer.schema.json` beside this module.

Its keys are a promise to programs: add to them, never rename or drop one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from covgate.report.escaping import well_formed
from covgate.report.places import ordered, span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.report.answer import (
        Answer,
        DiffCoverageResult,
        ProjectCoverageResult,
        TestResult,
        Tests,
        Verified,
    )
    from covgate.report.style import Style
    from covgate.rules.finding import Finding


T = TypeVar("T")


def render(answer: Answer, _style: Style) -> str:
    """Return the answer as an indented JSON object in ASCII."""
    return json.dumps(json_object(answer), indent=2, allow_nan=False) + "\n"


def json_object(answer: Answer) -> dict[str, object]:
    """Return the answer as plain values, sorted."""
    return {
        "verdict": answer.verdict,
        "mode": well_formed(answer.mode),
        "why_mode": well_formed(answer.why_mode),
        "base": well_formed(answer.base),
        "tree": well_formed(answer.tree),
        "findings": [_finding(finding) for finding in ordered(answer.findings)],
        "tests": _tests(answer.tests),
        "diff_coverage": answer.diff_coverage and _diff_coverage(answer.diff_coverage),
        "project_coverage": answer.project_coverage and _project_coverage(answer.project_coverage),
        "timing": _sorted(answer.timing),
        "environment": {k: well_formed(v) for k, v in _sorted(answer.environment).items()},
        "notes": [well_formed(note) for note in answer.notes],
        "verified": answer.verified and _verified(answer.verified),
    }


def _finding(finding: Finding) -> dict[str, object]:
    where = span(finding)
    return {
        "rule": well_formed(finding.rule),
        "severity": finding.severity,
        "path": None if finding.path is None else well_formed(finding.path),
        "line": where and where.start,
        "end_line": where.end if where and finding.end_line is not None else None,
        "message": well_formed(finding.message),
        "help": well_formed(finding.help),
    }


def _tests(tests: Tests) -> dict[str, object]:
    return {
        "total": tests.total,
        "reused": tests.reused,
        "selected": [_test(test) for test in sorted(tests.selected)],
        "failed": sorted({well_formed(test) for test in tests.failed}),
    }


def _test(test: TestResult) -> dict[str, object]:
    return {
        "id": well_formed(test.id),
        "why": well_formed(test.why),
        "outcome": well_formed(test.outcome),
        "seconds": test.seconds,
    }


def _diff_coverage(result: DiffCoverageResult) -> dict[str, object]:
    return {
        "percent": result.percent,
        "target": result.target,
        "files": {
            path: {"covered": sorted(lines.covered), "uncovered": sorted(lines.uncovered)}
            for path, lines in _sorted(result.files).items()
        },
    }


def _verified(result: Verified) -> dict[str, object]:
    return {
        "why": well_formed(result.why),
        "tests": result.tests,
        "seconds": result.seconds,
        "differences": [
            {
                "kind": one.kind,
                "thing": well_formed(one.thing),
                "predicted": well_formed(one.predicted),
                "happened": well_formed(one.happened),
                "matters": one.matters,
                "traces": [
                    {
                        "id": trace.id,
                        "test": well_formed(trace.test),
                        "recorded": trace.recorded,
                        "depends_on": well_formed(trace.depends_on),
                    }
                    for trace in one.traces
                ],
            }
            for one in result.differences
        ],
        "dropped": result.dropped,
    }


def _project_coverage(result: ProjectCoverageResult) -> dict[str, object]:
    return {
        "percent": result.percent,
        "exact": result.exact,
        "why": well_formed(result.why),
        "files": _sorted(result.files),
    }


def _sorted(values: Mapping[str, T]) -> dict[str, T]:
    return {well_formed(key): values[key] for key in sorted(values)}
