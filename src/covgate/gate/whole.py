"""The project as a whole: its coverage from what is at hand, and the policy applied to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.change.diff import is_python
from covgate.config.reading import SettingsError, read_settings
from covgate.coverage.project import ProjectCoverage, from_json, not_exact
from covgate.gate.policing import Policed, police

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    from covgate.change.model import Change
    from covgate.config.model import Settings
    from covgate.gate.ruling import Ruled
    from covgate.gate.surroundings import Surroundings
    from covgate.gate.testing import Tested
    from covgate.git.repository import Repository
    from covgate.impact.selection import Selection


def read_agreed(
    change: Change, day: date, adjust: Callable[[Settings], Settings] = lambda settings: settings
) -> tuple[Settings, Settings]:
    """Return the settings of the tree, and those agreed on, after checking the policy in them.

    Agreed are they with `adjust`, what this call asks for, and with the policy's part in other
    rules. Raises `UsageError` with every mistake, of form and of content.
    """
    try:
        own = read_settings(change.target, {file.path for file in change.files})
    except SettingsError as error:
        from covgate.coverage.mistakes import with_policy

        raise with_policy(error, change.target, day) from None
    return own, _agreed(change, adjust(own), day)


def _agreed(change: Change, settings: Settings, day: date) -> Settings:
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
    project = None
    if selection and tested:
        project = whole_run(selection, tested)
        if project is not None and project.exact and selection.held:
            project = _unless_deserted(around, change, settings, selection, tested, project)
    if tested is None:
        facts = Policed(change, settings, day, None, None, None, lambda: None)
        return police(facts, ruled, rules), _as_before(around, change, selection)
    from covgate.coverage.history import History
    from covgate.gate.base import base_coverage

    python = tested.environment["python"]
    history = History(history_file(around.repo), python)
    if project is not None:
        history.store(change.target.tree, project)

    def find_base() -> ProjectCoverage | None:
        return base_coverage(around, change, history, python, may_run=may_run_base)

    def ran_by_test(path: str) -> Mapping[str, frozenset[int]]:
        from covgate.gate.evidence import open_archive
        from covgate.gate.nearness import lines_by_test

        archive = open_archive(around, change.target, settings, python)
        with archive.store:
            return lines_by_test(archive, path, {test.id for test in tested.result.tests})

    facts = Policed(change, settings, day, project, tested, history, find_base, ran_by_test)
    return police(facts, ruled, rules), project


def _unless_deserted(
    around: Surroundings,
    change: Change,
    settings: Settings,
    selection: Selection,
    tested: Tested,
    project: ProjectCoverage,
) -> ProjectCoverage:
    """Return the coverage, not exact when reused tests may run other lines than they did."""
    from covgate.gate.company import OTHER_LINES, deserted
    from covgate.gate.evidence import open_archive
    from covgate.traces.store import DAMAGE

    missed = {
        path: file.missing | file.untaken
        for path, file in project.files.items()
        if file.missing or file.untaken
    }
    ran = {test.id for test in tested.result.tests}
    archive = open_archive(around, change.target, settings, tested.environment["python"])
    try:
        with archive.store:
            newest = {one.test: one for one in reversed(archive.moment.of_tests(ran))}
            counted = {**selection.held, **newest}
            left = deserted(archive, counted, selection.carried, missed=missed)
    except DAMAGE as error:
        why = f"not known: the evidence can't be read ({error})"
        return ProjectCoverage({}, exact=False, why=why)
    if not left:
        return project
    why = f"{not_exact(len(left), len(counted), OTHER_LINES)}; `covgate record` runs them"
    return ProjectCoverage({}, exact=False, why=why)


def may_change_numbers(change: Change) -> bool:
    """Whether a change that needs no test may alter the coverage of the project all the same."""
    from covgate.policy.coverage_config import FILES

    return any(is_python(f.path) or f.path in FILES for f in change.since_first)


def _as_before(
    around: Surroundings, change: Change, selection: Selection | None
) -> ProjectCoverage | None:
    """Return the coverage of the base for a change that alters nothing that is measured.

    Only where the evidence of every test holds; it is kept for the tree of the change as well.
    """
    if selection is None or not (selection.knows_suite and selection.held):
        return None
    from covgate.coverage.history import History

    history = History(history_file(around.repo), selection.python)
    known = history.load_all([base.tree for base in change.bases[:1]])
    for project in known.values():
        history.store(change.target.tree, project)
        return project
    return None


def whole_run(selection: Selection, tested: Tested) -> ProjectCoverage | None:
    """Return the coverage of the project; None when it was not measured.

    A run of everything shows it, or a run of some tests together with the traces of all others.
    """
    result = tested.result
    if result.measurement.project is None:
        return _not_known(selection, tested)
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


def _not_known(selection: Selection, tested: Tested) -> ProjectCoverage | None:
    """Return how far the evidence reaches; None where nothing was ever recorded."""
    if not selection.known:
        return None
    proven = selection.held.keys() | {test.id for test in tested.result.tests}
    unknown = len(selection.known - proven)
    why = (
        not_exact(unknown, len(selection.known))
        if selection.knows_suite or unknown
        else "not exact yet: the tests were never collected as a whole"
    )
    return ProjectCoverage({}, exact=False, why=f"{why}; `covgate record` collects it")
