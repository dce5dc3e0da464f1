"""`covgate record`: run every test that has no trace that holds, and keep what is learnt."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.change.occasion import observe
from covgate.change.reading import Request, read_change
from covgate.config.reading import read_settings
from covgate.coverage.history import History
from covgate.gate.assembly import executed_earlier
from covgate.gate.evidence import open_archive
from covgate.gate.scope import runs_git
from covgate.gate.surroundings import Surroundings
from covgate.gate.testing import test_change
from covgate.gate.whole import history_file, whole_run
from covgate.git.opening import opened
from covgate.impact.selection import Selection
from covgate.run.interpreter import find_interpreter
from covgate.run.plan import Job
from covgate.traces.store import DAMAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from covgate.config.model import Settings
    from covgate.gate.question import Question


class Recorded(NamedTuple):
    """What a recording did: tests run, tests whose traces held already, and what failed."""

    ran: int
    held: int
    failed: tuple[str, ...]
    problem: str | None
    status: int | None
    output: str


def record(
    folder: Path,
    env: Mapping[str, str],
    adjust: Callable[[Settings], Settings] = lambda settings: settings,
    *,
    afresh: bool = False,
) -> Recorded:
    """Record the tests of the tree of the index; `afresh` those with evidence as well."""
    return _record(folder, env, adjust, Request(everything=True), afresh)


def record_base(question: Question) -> Recorded | None:
    """Record the tests of what a question compares with; None when that is the empty tree."""
    base = question.request.from_ref
    if base is None:
        return None
    everything_up_to_it = Request(None, base)
    return _record(question.folder, question.env, question.adjust, everything_up_to_it, False)


def _record(
    folder: Path,
    env: Mapping[str, str],
    adjust: Callable[[Settings], Settings],
    request: Request,
    afresh: bool,
) -> Recorded:
    with opened(folder, env) as (repo, git, scratch, reader):
        occasion = observe(repo.top, repo.git_dir, env)
        change = read_change(repo, git, reader, scratch, request, occasion)
        settings = adjust(read_settings(change.target))
        around = Surroundings(repo, git, scratch, env, False)
        python = find_interpreter(repo.top, repo.main_top, settings.python, env).python
        uses_git = runs_git(repo, change)
        archive = open_archive(around, change.target, settings, python)
        with archive.store:
            reused = {} if afresh else archive.known_to_hold()
            held = frozenset(reused)
            selection = Selection(everything=True, reused=held, held=reused)
            try:
                earlier = executed_earlier(archive, selection)
            except DAMAGE as error:
                archive.give_up(error)
                held, selection, earlier = frozenset(), Selection(everything=True), ""
            job = Job(
                files=None,
                ids=None,
                measure=(),
                pytest_args=(*settings.pytest_args, *settings.test_paths),
                source_roots=settings.source_roots,
                measure_all=True,
                earlier=earlier,
                skip=tuple(sorted(held)),
                trace=True,
            )
            tested = test_change(around, change, settings, job, uses_git, archive)
            if not archive.store.is_kept:
                tested = tested._replace(problem=f"nothing was kept: {archive.store.problem}")
        coverage = whole_run(selection, tested)
        if coverage is not None:
            History(history_file(repo), python).store(change.target.tree, coverage)
        failed = [one.id for one in tested.result.tests if one.outcome in ("failed", "error")]
        return Recorded(
            len(tested.result.tests), len(held), tuple(failed), tested.problem,
            tested.result.status, tested.result.output,
        )  # fmt: skip
