"""The coverage of the whole project, from what is at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.coverage.project import ProjectCoverage, from_json

if TYPE_CHECKING:
    from covgate.gate.testing import Tested
    from covgate.impact.selection import Selection


def whole_run(selection: Selection, tested: Tested) -> ProjectCoverage | None:
    """Return the coverage that a run of everything has shown; None when not everything ran."""
    result = tested.result
    if not selection.everything or result.measurement.project is None:
        return None
    ended = result.collected is not None and len(result.tests) >= len(result.collected)
    if result.timed_out or result.status is None or result.collect_errors or not ended:
        return ProjectCoverage({}, exact=False, why="not known: the run did not come to its end")
    if isinstance(result.measurement.project, str):
        why = f"not known: coverage could not report it ({result.measurement.project})"
        return ProjectCoverage({}, exact=False, why=why)
    files = {path: from_json(raw) for path, raw in result.measurement.project.items()}
    seconds = {test.id: test.seconds for test in result.tests}
    return ProjectCoverage(files, seconds=seconds)
