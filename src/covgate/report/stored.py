"""An answer as plain values that can be kept, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covgate.report.answer import (
    Answer,
    DiffCoverageResult,
    FileLines,
    ProjectCoverageResult,
    TestResult,
    Tests,
)
from covgate.rules.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping


def to_plain(answer: Answer) -> dict[str, Any]:
    """Return the answer as values of JSON; without the output of its test run."""
    tests, diff, project = answer.tests, answer.diff_coverage, answer.project_coverage
    return {
        "verdict": answer.verdict,
        "findings": [list(finding) for finding in answer.findings],
        "tests": [tests.total, tests.reused, [list(t) for t in tests.selected], tests.failed],
        "diff": diff and [diff.percent, diff.target, _plain_lines(diff.files)],
        "project": project and [project.percent, project.exact, project.why, dict(project.files)],
        "notes": answer.notes,
        "environment": dict(answer.environment),
        "sources": {path: dict(lines) for path, lines in answer.sources.items()},
    }


def from_plain(raw: Mapping[str, Any]) -> Answer:
    """Undo `to_plain`; raises KeyError, TypeError or ValueError for what it has not made.

    What is compared (mode, base, tree) is not kept: it belongs to the question.
    """
    total, reused, selected, failed = raw["tests"]
    diff, project = raw["diff"], raw["project"]
    return Answer(
        verdict=raw["verdict"],
        mode="",
        why_mode="",
        base="",
        tree="",
        findings=tuple(Finding(*values) for values in raw["findings"]),
        tests=Tests(total, reused, tuple(TestResult(*one) for one in selected), tuple(failed)),
        diff_coverage=diff and DiffCoverageResult(diff[0], diff[1], _lines(diff[2])),
        project_coverage=project and ProjectCoverageResult(*project),
        notes=tuple(raw["notes"]),
        environment=dict(raw["environment"]),
        sources={
            path: {int(line): text for line, text in lines.items()}
            for path, lines in raw["sources"].items()
        },
    )


def _plain_lines(files: Mapping[str, FileLines]) -> dict[str, list[tuple[int, ...]]]:
    return {path: [file.covered, file.uncovered] for path, file in files.items()}


def _lines(raw: Mapping[str, Any]) -> dict[str, FileLines]:
    return {
        path: FileLines(tuple(covered), tuple(uncovered))
        for path, (covered, uncovered) in raw.items()
    }
