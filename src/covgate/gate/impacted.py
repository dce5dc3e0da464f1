"""Select the tests that a change can affect, by evidence where there is some, and run them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.gate.scope import facts_of_change, measured_files, uses_git
from covgate.gate.whole import may_change_numbers

if TYPE_CHECKING:
    from covgate.change.model import Change
    from covgate.config.model import Settings
    from covgate.gate.question import Question, Stopwatch
    from covgate.gate.surroundings import Surroundings
    from covgate.gate.testing import Tested
    from covgate.git.repository import Repository
    from covgate.impact.selection import Selection

# Of more files than these, it is quicker to read all tests at once.
_MANY_FILES = 200


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
    selection = cold = select_cold(change, facts, settings, question.run_all)
    watch.lap("selection")
    measure = measured_files(change)
    if not needs_run(selection, measure) and not around.evidence_file.exists():
        return selection, None
    from covgate.gate.evidence import combine, open_archive, with_carried, without
    from covgate.gate.ordering import promising_files
    from covgate.run.interpreter import find_interpreter
    from covgate.traces.store import DAMAGE

    interpreter = find_interpreter(repo.top, repo.main_top, settings.python, around.env)
    archive = open_archive(around, change.target, settings, interpreter.python)
    with archive.store:
        earlier, is_recorded = "", False
        order: tuple[str, ...] = ()
        skip: tuple[str, ...] = ()
        try:
            # Recording costs more than running: it goes on where `covgate record` began it.
            is_recorded = bool(archive.suite)
            if not question.run_all:
                selection = combine(archive, cold, change)
                known = question.whole_project or may_change_numbers(change)
                watch.lap("evidence")
                if known or needs_run(selection, measure):
                    from covgate.gate.assembly import executed_earlier

                    earlier = executed_earlier(archive, selection)
                    watch.lap("project coverage")
                order = promising_files(archive, selection, change) if is_recorded else ()
                skip = _to_skip(selection)
        except DAMAGE as error:
            selection, earlier, skip = without(archive, cold, error), "", ()
        watch.lap("evidence")
        # What is gone changes the coverage of the project, too: then there is `earlier`.
        if not needs_run(selection, measure) and not earlier:
            return selection, None
        from covgate.coverage.fail_under import read_fail_under
        from covgate.gate.confirming import confirm
        from covgate.gate.testing import tested_once
        from covgate.run.plan import Job

        read_fail_under(change.target)  # coverage would stop at it, without a place
        isolated = uses_git(facts)
        job = Job(
            files=None if selection.everything else tuple(sorted(selection.files)),
            ids=None,
            measure=measure,
            pytest_args=(*settings.pytest_args, *settings.test_paths),
            source_roots=settings.source_roots,
            measure_all=bool(earlier) or (selection.everything and not selection.reused),
            earlier=earlier,
            skip=skip,
            trace=is_recorded,
            order=order,
        )
        tested = tested_once(around, change, settings, job, isolated, archive)
        selection, tested = confirm(
            around, change, settings, job, isolated, archive, selection, tested
        )
    if tested.problem:
        tested = tested._replace(notes=(*tested.notes, tested.problem))
    watch.lap("tests")
    if selection.carried:
        numbers = tested.result.measurement
        numbers = numbers._replace(files=with_carried(numbers.files, selection.carried))
        tested = tested._replace(result=tested.result._replace(measurement=numbers))
    return selection, tested


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
