"""Select the tests that a change can affect, by evidence where there is some, and run them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from covgate.gate.scope import facts_of_change, measured_files, uses_git
from covgate.gate.whole import history_file, may_change_numbers

if TYPE_CHECKING:
    from covgate.change.model import Change
    from covgate.config.model import Settings
    from covgate.gate.evidence import Archive
    from covgate.gate.question import Question, Stopwatch
    from covgate.gate.surroundings import Surroundings
    from covgate.gate.testing import Tested
    from covgate.git.repository import Repository
    from covgate.impact.selection import Selection
    from covgate.run.plan import Job

# Of more files than these, it is quicker to read all tests at once.
_MANY_FILES = 200


class _Chosen(NamedTuple):
    """What to run, and what is known of the rest.

    `earlier` is what the reused tests executed (see `executed_earlier`), `order` the files in the
    order in which to run them, and `skip` the reused tests that pytest may come upon.
    """

    selection: Selection
    earlier: str = ""
    is_recorded: bool = False
    order: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()


def run_impacted(
    question: Question,
    repo: Repository,
    change: Change,
    settings: Settings,
    around: Surroundings,
    watch: Stopwatch,
) -> tuple[Selection, Tested | None]:
    """Select the tests of the change and run them; None when there is nothing to run."""
    from covgate.impact.cold import select_cold

    facts = facts_of_change(repo, change)
    cold = select_cold(change, facts, settings, question.run_all)
    watch.lap("selection")
    measure = measured_files(change)
    if not needs_run(cold, measure) and not around.evidence_file.exists():
        return cold, None
    from covgate.gate.evidence import open_archive
    from covgate.run.interpreter import find_interpreter

    interpreter = find_interpreter(repo.top, repo.main_top, settings.python, around.env)
    archive = open_archive(around, change.target, settings, interpreter.python)
    with archive.store:
        chosen = _choose(question, repo, change, settings, archive, cold, measure, watch)
        # What is gone changes the coverage of the project, too: then there is `earlier`.
        if not needs_run(chosen.selection, measure) and not chosen.earlier:
            return chosen.selection, None
        from covgate.coverage.fail_under import read_fail_under
        from covgate.gate.confirming import confirm
        from covgate.gate.testing import tested_once

        read_fail_under(change.target)  # coverage would stop at it, without a place
        isolated = uses_git(facts)
        job = _job(chosen, settings, measure)
        tested = tested_once(around, change, settings, job, isolated, archive)
        selection, tested = confirm(
            around, change, settings, job, isolated, archive, chosen.selection, tested
        )
    if tested.problem:
        tested = tested._replace(notes=(*tested.notes, tested.problem))
    watch.lap("tests")
    return selection, _with_carried(tested, selection)


def _choose(
    question: Question,
    repo: Repository,
    change: Change,
    settings: Settings,
    archive: Archive,
    cold: Selection,
    measure: tuple[str, ...],
    watch: Stopwatch,
) -> _Chosen:
    """Choose by the evidence, and without any where it turns out to be damaged."""
    from covgate.gate.choosing import combine, without
    from covgate.gate.ordering import promising_files
    from covgate.traces.store import DAMAGE

    is_recorded = False
    try:
        # Recording costs more than running: it goes on where `covgate record` began it.
        is_recorded = bool(archive.suite)
        if question.run_all:
            return _Chosen(cold, is_recorded=is_recorded)
        patience = partial(_patience, question, change, settings)
        settled = partial(_is_settled, question, repo, change, archive.python)
        selection, earlier = combine(archive, cold, change, patience, settled), ""
        watch.lap("evidence")
        is_asked = question.whole_project or may_change_numbers(change)
        if is_asked or needs_run(selection, measure):
            from covgate.gate.assembly import executed_earlier

            earlier = executed_earlier(archive, selection)
            watch.lap("project coverage")
        order = promising_files(archive, selection, change) if is_recorded else ()
        return _Chosen(selection, earlier, is_recorded, order, _to_skip(selection))
    except DAMAGE as error:
        return _Chosen(without(archive, cold, error), is_recorded=is_recorded)
    finally:
        watch.lap("evidence")


def _patience(question: Question, change: Change, settings: Settings) -> float:
    """Return for how many seconds of tests exact numbers of the project are worth running them."""
    from covgate.coverage.fail_under import read_fail_under
    from covgate.gate.choosing import LITTLE_SECONDS, PATIENCE_SECONDS
    from covgate.gate.policing import wanted

    asked = wanted(settings, read_fail_under(change.target).percent)
    if question.only is not None:
        asked &= question.only
    return PATIENCE_SECONDS if asked or question.whole_project else LITTLE_SECONDS


def _is_settled(question: Question, repo: Repository, change: Change, python: str) -> bool:
    """Whether a change that needs no test leaves the numbers of the project as they are known."""
    from covgate.coverage.history import History

    if question.whole_project or may_change_numbers(change) or len(change.bases) != 1:
        return False
    return History(history_file(repo), python).knows(change.bases[0].tree)


def _job(chosen: _Chosen, settings: Settings, measure: tuple[str, ...]) -> Job:
    from covgate.gate.testing import whole_suite

    selection = chosen.selection
    return whole_suite(settings)._replace(
        files=None if selection.everything else tuple(sorted(selection.files)),
        measure=measure,
        measure_all=bool(chosen.earlier) or (selection.everything and not selection.reused),
        earlier=chosen.earlier,
        skip=chosen.skip,
        trace=chosen.is_recorded,
        order=chosen.order,
    )


def _with_carried(tested: Tested, selection: Selection) -> Tested:
    """Return what a run has shown with what reused traces cover of the changed files."""
    if not selection.carried:
        return tested
    from covgate.gate.choosing import with_carried

    numbers = tested.result.measurement
    numbers = numbers._replace(files=with_carried(numbers.files, selection.carried))
    return tested._replace(result=tested.result._replace(measurement=numbers))


def needs_run(selection: Selection, measure: tuple[str, ...]) -> bool:
    return bool(selection.everything or selection.files or selection.other_tests or measure)


def _to_skip(selection: Selection) -> tuple[str, ...]:
    """Return the reused tests that pytest may collect."""
    # It collects what is no Python file in any case.
    files = {file for file in selection.suite if file and not file.endswith(".py")}
    files |= selection.files.keys()
    if selection.everything or len(files) > _MANY_FILES:
        return tuple(sorted(selection.reused))
    tests = {test for file in files for test in selection.suite.get(file, ())}
    return tuple(sorted(test for test in tests if test in selection.reused))
