"""The project as a whole: its coverage from what is at hand, and the policy applied to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.coverage.project import ProjectCoverage, from_json
from covgate.gate.policing import Policed, police

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from covgate.change.model import Change
    from covgate.config.model import Settings
    from covgate.gate.ruling import Ruled
    from covgate.gate.surroundings import Surroundings
    from covgate.gate.testing import Tested
    from covgate.git.repository import Repository
    from covgate.impact.selection import Selection


def agreed(change: Change, settings: Settings, day: date) -> Settings:
    """Return the settings with the policy's part in other rules, after checking the policy.

    Raises `UsageError` with every mistake in it.
    """
    targets = (settings.coverage_target.target, settings.coverage_floor.floor)
    if not (settings.component or settings.phase or settings.waiver) and targets == (None, None):
        return settings
    from covgate.coverage.components import with_diff_targets
    from covgate.coverage.mistakes import check_policy

    check_policy(change.target, settings, day)
    return with_diff_targets(settings)


def history_file(repo: Repository) -> Path:
    """Return the file that keeps the coverage of trees; all worktrees of a clone share it."""
    return repo.shared_state / "coverage.sqlite"


def apply_policy(
    around: Surroundings,
    change: Change,
    settings: Settings,
    day: date,
    selection: Selection | None,
    tested: Tested | None,
    ruled: Ruled,
    rules: frozenset[str],
    may_run_base: bool = True,
) -> tuple[Ruled, ProjectCoverage | None]:
    """Return what the rules found with the policy applied, and the coverage of the project.

    A base whose coverage is not known is run, unless there is no time for that (`may_run_base`).
    """
    project = whole_run(selection, tested) if selection and tested else None
    if tested is None:
        facts = Policed(change, settings, day, None, None, None, lambda: None)
        return police(facts, ruled, rules), None
    from covgate.coverage.history import History
    from covgate.gate.base import base_coverage

    python = tested.environment["python"]
    history = History(history_file(around.repo), python)
    if project is not None:
        history.store(change.target.tree, project)

    def find_base() -> ProjectCoverage | None:
        return base_coverage(around, change, history, python, may_run=may_run_base)

    facts = Policed(change, settings, day, project, tested, history, find_base)
    return police(facts, ruled, rules), project


def whole_run(selection: Selection, tested: Tested) -> ProjectCoverage | None:
    """Return the coverage of the project; None when it was not measured.

    A run of everything shows it, or a run of some tests together with the traces of all others.
    """
    result = tested.result
    if result.measurement.project is None:
        return _not_known(selection)
    ended = result.collected is not None and len(result.tests) >= len(result.collected)
    if result.timed_out or result.status is None or result.collect_errors or not ended:
        return ProjectCoverage({}, exact=False, why="not known: the run did not come to its end")
    if isinstance(result.measurement.project, str):
        why = f"not known: coverage could not report it ({result.measurement.project})"
        return ProjectCoverage({}, exact=False, why=why)
    files = {path: from_json(raw) for path, raw in result.measurement.project.items()}
    seconds = {test: trace.seconds for test, trace in selection.held.items()}
    seconds.update((test.id, test.seconds) for test in result.tests)
    return ProjectCoverage(files, seconds=seconds)


def _not_known(selection: Selection) -> ProjectCoverage | None:
    if not selection.held or selection.knows_suite:
        return None
    why = "not exact yet: not every test has evidence; `covgate record` collects it"
    return ProjectCoverage({}, exact=False, why=why)
