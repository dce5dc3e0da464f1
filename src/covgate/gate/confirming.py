"""What fails among selected tests is run again as the whole suite would run it, before it blocks.

A test may need what an earlier one leaves behind. It then fails where that one is left out, or
where others go first, although the whole suite passes: it is named, and does not block. A file that
can't be collected is seldom the only one: the whole suite, which ends there as well, names all.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from covgate.errors import CovgateError
from covgate.gate.testing import Tested, tested_once
from covgate.git.repository import scratch_folder
from covgate.rules.tests_fail import FAILED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covgate.change.model import Change
    from covgate.config.model import Settings
    from covgate.gate.evidence import Archive
    from covgate.gate.surroundings import Surroundings
    from covgate.impact.selection import Selection
    from covgate.run.plan import Job, RunResult

# A failure waits so long for its confirmation, or twice as long as its tests took if that is more.
PATIENCE_SECONDS = 20.0
_ENDED = (0, 1)


def confirm(
    around: Surroundings,
    change: Change,
    settings: Settings,
    job: Job,
    runs_git: bool,
    archive: Archive,
    selection: Selection,
    tested: Tested,
) -> tuple[Selection, Tested]:
    """Return selection and run as they are, or those of a second run that tells more.

    The second run holds the tests of the first in the order of the suite, and everything that the
    suite runs before the last one that failed.
    """
    first = tested.result
    if first.collect_errors and job.files is not None and not first.timed_out:
        everything = job._replace(files=None, ids=None, skip=(), order=(), earlier="")
        second = _run_again(around, change, settings, everything, runs_git, archive)
        all_named = second is not None and second.result.collect_errors
        return selection, second if second and all_named else tested
    failed = tuple(test.id for test in first.tests if test.outcome in FAILED)
    if not failed or first.is_suite or not _has_ended(first):
        return selection, tested
    limit = max(PATIENCE_SECONDS, 2 * sum(test.seconds for test in first.tests))
    recorded = sum(trace.seconds for trace in selection.held.values())
    ran = tuple(test.id for test in first.tests)
    # When the whole way there is too long, the files of the first run have to do.
    files = None if recorded <= limit else job.files
    again = job._replace(files=files, ids=ran, skip=(), until=failed, order=())
    if not selection.knows_suite:
        settings = replace(settings, timeout=min(limit, settings.timeout))
    second = _run_again(around, change, settings, again, runs_git, archive)
    if second is None or not _has_ended(second.result):
        return selection, _with_note(tested, _unconfirmed(failed))
    return _decide(selection, tested, second, failed)


def _has_ended(result: RunResult) -> bool:
    collected = result.collected or ()
    return (
        result.status in _ENDED
        and not result.timed_out
        and not result.collect_errors
        and result.unfinished is None
        and len(result.tests) >= len(collected)
    )


def _run_again(
    around: Surroundings,
    change: Change,
    settings: Settings,
    job: Job,
    runs_git: bool,
    archive: Archive,
) -> Tested | None:
    scratch = scratch_folder(around.repo)
    try:
        around = around._replace(scratch=scratch)
        return tested_once(around, change, settings, job, runs_git, archive)
    except CovgateError:
        return None  # then the first run has the last word
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _decide(
    selection: Selection, tested: Tested, second: Tested, failed: Sequence[str]
) -> tuple[Selection, Tested]:
    first_ids = {test.id for test in tested.result.tests}
    outcome = {test.id: test.outcome for test in second.result.tests}
    passed = [test for test in failed if test in outcome and outcome[test] not in FAILED]
    extra = [test for test, how in outcome.items() if test not in first_ids]
    missed = [test for test, how in outcome.items() if how in FAILED and test not in failed]
    if not passed and not missed:
        return selection, tested  # the second run tells nothing new
    why = f"it comes before {failed[-1]} in the suite, which failed without it"
    tests = {**selection.tests, **dict.fromkeys(extra, why)}
    selection = replace(
        selection,
        tests=tests,
        reused=selection.reused - {*extra},
        held={test: trace for test, trace in selection.held.items() if test not in extra},
    )
    for test in passed:
        second = _with_note(
            second,
            f"{test} failed among the selected tests, and passed when it ran again after those "
            "that come before it in the suite: it depends on their order, or on chance; it does "
            "not block",
        )
    return selection, second._replace(notes=(*tested.notes, *second.notes))


def _unconfirmed(failed: Sequence[str]) -> str:
    more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
    return (
        f"{failed[0]}{more} could not be run again in the order of the suite; "
        "`covgate check --run-all` does, should it depend on other tests"
    )


def _with_note(tested: Tested, note: str) -> Tested:
    return tested._replace(notes=(*tested.notes, note))
