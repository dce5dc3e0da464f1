"""`covgate record`: run every test that has no trace that holds, and keep what is learnt."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.change.occasion import observe
from covgate.change.reading import Request, read_change
from covgate.config.reading import read_settings
from covgate.coverage.history import History
from covgate.coverage.today import today
from covgate.gate.assembly import executed_earlier
from covgate.gate.calls import measured_hooks
from covgate.gate.company import deserted
from covgate.gate.evidence import open_archive
from covgate.gate.scope import runs_git
from covgate.gate.surroundings import Surroundings
from covgate.gate.testing import test_change, whole_suite
from covgate.gate.whole import history_file, read_agreed, whole_run
from covgate.git.opening import opened
from covgate.impact.selection import Selection
from covgate.run.interpreter import find_interpreter
from covgate.traces.store import DAMAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from covgate.change.model import Change
    from covgate.config.model import Settings
    from covgate.gate.evidence import Archive
    from covgate.gate.question import Question
    from covgate.gate.testing import Tested
    from covgate.run.plan import RunResult
    from covgate.traces.model import Trace

_NOTHING_COLLECTED = 5
_AGAIN = "put that right, then run `covgate record` again"
# Who writes holds the evidence for seconds, on a busy machine for a minute; nobody waits for us.
_PATIENCE_S = 300.0
# Runs in which tests that depend on others come to run together.
_ROUNDS = 3


class Recorded(NamedTuple):
    """What a recording did: tests run, tests whose traces held already, and what failed.

    `problem` says why less was kept than ran, or why not all ran, `help` what to do then.
    """

    ran: int
    held: int
    failed: tuple[str, ...]
    problem: str | None
    status: int | None
    output: str
    help: str = ""


def record(
    folder: Path,
    env: Mapping[str, str],
    adjust: Callable[[Settings], Settings] = lambda settings: settings,
    *,
    afresh: bool = False,
) -> Recorded:
    """Record the tests of the tree of the index; `afresh` those with evidence as well."""

    def read(change: Change) -> Settings:
        return read_agreed(change, today(env))[0]

    return _record(folder, env, adjust, Request(everything=True), afresh, read)


def record_base(question: Question) -> Recorded | None:
    """Record the tests of what a question compares with; None when that is the empty tree."""
    base = question.request.from_ref
    if base is None:
        return None
    everything_up_to_it = Request(None, base)
    return _record(
        question.folder, question.env, question.adjust, everything_up_to_it, False, _as_they_were
    )


def _as_they_were(change: Change) -> Settings:
    """Return the settings of an earlier commit: a policy that was wrong then is past."""
    return read_settings(change.target)


def _record(
    folder: Path,
    env: Mapping[str, str],
    adjust: Callable[[Settings], Settings],
    request: Request,
    afresh: bool,
    read: Callable[[Change], Settings],
) -> Recorded:
    with opened(folder, env) as (repo, git, scratch, reader):
        occasion = observe(repo.top, repo.git_dir, env)
        change = read_change(repo, git, reader, scratch, request, occasion)
        settings = adjust(read(change))
        around = Surroundings(repo, git, scratch, env, False)
        python = find_interpreter(repo.top, repo.main_top, settings.python, env).python
        uses_git = runs_git(repo, change)
        archive = open_archive(around, change.target, settings, python)
        with archive.store:
            archive.store.wait_for_others(_PATIENCE_S)
            rounds = [_run(around, change, settings, archive, uses_git, not afresh)]
            while len(rounds) < _ROUNDS and (left := _left(archive, rounds[-1])):
                # What they find remembered was computed in a run that counts no more.
                again = around._replace(scratch=around.scratch / f"round{len(rounds)}")
                again.scratch.mkdir()
                rounds.append(_run(again, change, settings, archive, uses_git, True))
            left = _left(archive, rounds[-1])
            selection, tested = rounds[-1]
            if not archive.store.is_kept:
                tested = tested._replace(problem=f"nothing was kept: {archive.store.problem}")
        coverage = None if left else whole_run(selection, tested)
        if coverage is not None:
            History(history_file(repo), python).store(change.target.tree, coverage)
        ends = {test.id: test.outcome for _, one in rounds for test in one.result.tests}
        held = rounds[0][0].held.keys() - ends.keys()
        failed = tuple(test for test, outcome in ends.items() if outcome in ("failed", "error"))
        result = tested.result
        problem, help = _unfinished(result, settings.timeout) or (tested.problem, _AGAIN)
        return Recorded(
            len(ends), len(held), failed, problem, result.status, result.output,
            help if problem else "",
        )  # fmt: skip


def _unfinished(result: RunResult, timeout: float) -> tuple[str, str] | None:
    """Return why a run did not come to its end, and what to do; None when it did."""
    where = f" while {result.unfinished} was running" if result.unfinished else ""
    if result.timed_out:
        why = f"the tests did not finish in {timeout:g} s; they were ended{where}"
        help = (
            "run `covgate record` again, which goes on with the rest; where a test hangs, find out "
            "why; else raise `timeout` in [tool.covgate]"
        )
    elif result.status is None:
        why = f"the project's interpreter died{where}"
        help = (
            "run that test alone: a test or an extension ends the process, or the system did "
            "(out of memory); then `covgate record` goes on with the rest"
        )
    elif result.status > 1 and result.status != _NOTHING_COLLECTED:
        files = [path for path, _ in result.collect_errors]
        told = f"{', '.join(files[:3])} can't be collected" if files else "its words are above"
        why = f"pytest ended early (exit status {result.status}): {told}"
        help = "run `python -m pytest` in the project until it comes to its end"
    else:
        return None
    return f"{why}; what was complete is kept", help


def _run(
    around: Surroundings,
    change: Change,
    settings: Settings,
    archive: Archive,
    uses_git: bool,
    may_reuse: bool,
) -> tuple[Selection, Tested]:
    """Run the tests that have no trace that holds, or may run other lines than it says."""
    held: Mapping[str, Trace] = archive.known_to_hold() if may_reuse else {}
    try:
        left = deserted(archive, held, {})
        held = {test: trace for test, trace in held.items() if test not in left}
        hooks = measured_hooks(archive, held)
        selection = Selection(everything=True, reused=frozenset(held), held=held, hooks=hooks)
        earlier = executed_earlier(archive, selection)
    except DAMAGE as error:
        archive.give_up(error)
        selection, earlier = Selection(everything=True), ""
    job = whole_suite(settings)._replace(
        measure_all=True,
        earlier=earlier,
        skip=tuple(sorted(selection.reused)),
        trace=True,
    )
    return selection, test_change(around, change, settings, job, uses_git, archive)


def _left(archive: Archive, last: tuple[Selection, Tested]) -> frozenset[str]:
    """Return the tests that may run other lines than their traces say, as far as is known."""
    selection, tested = last
    if tested.problem or not selection.held:
        return frozenset()
    try:
        return deserted(archive, archive.known_to_hold(), {})
    except DAMAGE:
        return frozenset()
